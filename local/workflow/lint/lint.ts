import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadAction, loadWorkflow } from '../definition/load.ts';
import { RULES } from './rules.ts';
import { readSource, type Source } from './source.ts';

export interface Finding {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export interface LintResult {
  /** How many files were looked at. */
  readonly files: number;
  readonly findings: readonly Finding[];
}

/** Checks the workflow files and actions of a repository: GitHub's own parser first, then rules of security and hygiene. */
export async function lintWorkflows(root: string): Promise<LintResult> {
  const sources = findSources(root);
  const findings = await Promise.all(sources.map((source) => lintSource(root, source)));
  return { files: sources.length, findings: findings.flat() };
}

type Found = { readonly file: string; readonly kind: Source['kind'] };

function findSources(root: string): readonly Found[] {
  const workflows = globSync('.github/workflows/*.{yml,yaml}', { cwd: root });
  const actions = globSync('{actions,.github/actions}/*/action.{yml,yaml}', { cwd: root });
  return [
    ...workflows.map((file) => ({ file, kind: 'workflow' as const })),
    ...actions.map((file) => ({ file, kind: 'action' as const })),
  ].sort((one, other) => one.file.localeCompare(other.file));
}

async function lintSource(root: string, { file, kind }: Found): Promise<readonly Finding[]> {
  const invalid = await definitionFaults(root, { file, kind });
  if (invalid.length > 0) return invalid;
  const source = readSource(file, join(root, file), kind);
  return Object.entries(RULES).flatMap(([rule, check]) =>
    check(source).map(({ path, message }) => ({ file, line: source.lineOf(path), rule, message })),
  );
}

/** What GitHub's parser says; a file that it refuses is not looked at further. */
async function definitionFaults(root: string, { file, kind }: Found): Promise<readonly Finding[]> {
  try {
    if (kind === 'action') loadAction(dirname(join(root, file)));
    else await loadWorkflow(file, readSource(file, join(root, file), kind).content);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.split('\n').map((text) => {
      const line = /:(\d+):\d+: /.exec(text)?.[1];
      return { file, line: Number(line ?? 1), rule: 'invalid', message: text.replace(/^.*?:\d+:\d+: /, '') };
    });
  }
}
