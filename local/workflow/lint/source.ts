import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { ActionDocument, JobDefinition, StepDefinition, WorkflowDocument } from '../definition/types.ts';

export type Path = readonly (string | number)[];

/** A workflow or action file that the rules look at. */
export interface Source {
  /** Relative to the repository. */
  readonly file: string;
  readonly content: string;
  readonly kind: 'workflow' | 'action';
  readonly document: unknown;
  /** Line of a value, or of the nearest one above it that exists. */
  lineOf(path: Path): number;
}

export interface JobSource {
  readonly id: string;
  readonly path: Path;
  readonly definition: JobDefinition;
}

export interface StepSource {
  readonly path: Path;
  readonly definition: StepDefinition;
}

export function readSource(file: string, absolute: string, kind: Source['kind']): Source {
  const content = readFileSync(absolute, 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines });
  return {
    file,
    content,
    kind,
    document: document.toJS(),
    lineOf(path) {
      for (let part = path; part.length > 0; part = part.slice(0, -1)) {
        const node = document.getIn(part, true);
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
      }
      return 1;
    },
  };
}

/** The workflow behind a source; nothing for an action, or for a file that is no mapping. */
export function workflowOf({ kind, document }: Source): WorkflowDocument | undefined {
  return kind === 'workflow' && isMap(document) && isMap(document['jobs'])
    ? (document as unknown as WorkflowDocument)
    : undefined;
}

export function jobsOf(source: Source): readonly JobSource[] {
  const jobs = Object.entries(workflowOf(source)?.jobs ?? {});
  return jobs
    .filter(([, definition]) => isMap(definition))
    .map(([id, definition]) => ({ id, definition, path: ['jobs', id] }));
}

/** Steps of all jobs, or of a composite action. */
export function stepsOf(source: Source): readonly StepSource[] {
  const lists = source.kind === 'action' ? [actionSteps(source)] : jobsOf(source).map(jobSteps);
  return lists.flatMap(({ steps, path }) =>
    steps
      .map((definition, index) => ({ definition, path: [...path, index] }))
      .filter(({ definition }) => isMap(definition)),
  );
}

function jobSteps({ path, definition }: JobSource): { steps: readonly StepDefinition[]; path: Path } {
  return { steps: Array.isArray(definition.steps) ? definition.steps : [], path: [...path, 'steps'] };
}

function actionSteps({ document }: Source): { steps: readonly StepDefinition[]; path: Path } {
  const runs = isMap(document) ? (document as unknown as ActionDocument).runs : undefined;
  return { steps: runs?.using === 'composite' ? runs.steps : [], path: ['runs', 'steps'] };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
