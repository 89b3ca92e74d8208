import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  convertActionTemplate,
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseAction,
  parseWorkflow,
} from './parser.ts';
import type { ActionDocument, TriggerDefinition, WorkflowDocument } from './types.ts';

/** The workflow or action file is wrong; the message holds one `file:line:column: reason` per fault. */
export class DefinitionError extends Error {}

export interface Workflow {
  /** Path within the repository, `.github/workflows/deploy.yml`. */
  readonly path: string;
  readonly document: WorkflowDocument;
  /** `on` in its long form. */
  readonly triggers: Readonly<Record<string, TriggerDefinition>>;
}

export interface Action {
  readonly folder: string;
  readonly document: ActionDocument;
}

/**
 * Reads a workflow: GitHub's parser says what is wrong with it, the values come from the YAML itself (the parser drops keys
 * that a runner needs, and the indentation of multi-line strings).
 * @throws DefinitionError
 */
export async function loadWorkflow(path: string, content: string): Promise<Workflow> {
  const parsed = parseWorkflow({ name: path, content }, new NoOperationTraceWriter());
  if (parsed.value) await convertWorkflowTemplate(parsed.context, parsed.value);
  refuse(path, parsed.context.errors.getErrors());
  const document = parse(content) as WorkflowDocument;
  return { path, document, triggers: longTriggers(document.on) };
}

/**
 * Reads `action.yml` (or `.yaml`) of a folder; nothing when there is none.
 * @throws DefinitionError
 */
export function loadAction(folder: string): Action | undefined {
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((name) => existsSync(name));
  if (!file) return undefined;
  const content = readFileSync(file, 'utf8');
  const parsed = parseAction({ name: file, content }, new NoOperationTraceWriter());
  if (parsed.value) convertActionTemplate(parsed.context, parsed.value);
  refuse(file, parsed.context.errors.getErrors());
  return { folder, document: parse(content) as ActionDocument };
}

interface Fault {
  readonly rawMessage: string;
  readonly range?: { readonly start: { readonly line: number; readonly column: number } } | undefined;
}

function refuse(path: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map(({ rawMessage, range }) => {
    const position = range ? `:${range.start.line}:${range.start.column}` : '';
    return `${path}${position}: ${rawMessage}`;
  });
  throw new DefinitionError(lines.join('\n'));
}

function longTriggers(on: WorkflowDocument['on']): Readonly<Record<string, TriggerDefinition>> {
  if (typeof on === 'string') return { [on]: {} };
  if (isList(on)) return Object.fromEntries(on.map((event) => [event, {}]));
  return Object.fromEntries(Object.entries(on).map(([event, definition]) => [event, definition ?? {}]));
}

/** `needs`, `types` and the like: one name or a list of them. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value);
}
