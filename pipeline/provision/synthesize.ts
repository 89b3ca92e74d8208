import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateBucketName } from '../manifest/names.ts';
import { loadProject } from '../manifest/project.ts';
import { inspectStack } from '../plan/inspect.ts';
import { type Execute, execute } from './command.ts';
import type { ProvisionRequest } from './types.ts';

const OUTPUT = 'cdktf.out';
const COMPILE_CACHE = 'node_modules/.cache/node';

export type Synthesis =
  | { readonly ok: true; readonly hashes: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: string };

type Place = Pick<ProvisionRequest, 'root' | 'output' | 'synthesized'>;

const outputFolder = ({ root, output }: Place): string => output ?? join(root, OUTPUT);

/** Where Terraform finds the stacks of a checkout. */
export const stacksFolder = (place: Place): string => join(outputFolder(place), 'stacks');

/** Runs main.ts for the wanted stacks and hashes what came out. */
export async function synthesize(
  request: Place & Pick<ProvisionRequest, 'stacks' | 'environment'>,
  run: { readonly execute: Execute; readonly signal: AbortSignal },
): Promise<Synthesis> {
  if (request.synthesized === true) return adopt(request);
  const { root, stacks, environment } = request;
  const previews = [...new Set(stacks.flatMap((stack) => /^preview-pr-(\d+)$/.exec(stack)?.[1] ?? []))];
  if (previews.length > 1) return { ok: false, problem: `One preview at a time, not ${previews.join(' and ')}.` };
  const variables = { SLIPWAY_STACKS: stacks.join(','), SLIPWAY_PREVIEW: previews[0] ?? '' };
  const problem = await synthesizeInto(
    { root, output: outputFolder(request), environment: { ...environment, ...variables } },
    run,
  );
  if (problem !== undefined) return { ok: false, problem };
  const files = await Promise.all(stacks.map(async (stack) => [stack, await read(request, stack)] as const));
  return { ok: true, hashes: new Map(files.map(([stack, text]) => [stack, hash(text)])) };
}

/** Runs main.ts with its stacks going to a folder. Resolves to what is wrong; undefined when all is well. */
export async function synthesizeInto(
  { root, output, environment }: Pick<ProvisionRequest, 'root' | 'environment'> & { readonly output: string },
  run: { readonly execute: Execute; readonly signal?: AbortSignal } = { execute },
): Promise<string | undefined> {
  const result = await run.execute(
    {
      program: process.execPath,
      parameters: ['--disable-warning=ExperimentalWarning', 'main.ts'],
      folder: root,
      // Compiling CDKTF anew would be a fifth of every synthesis.
      environment: { ...environment, CDKTF_OUTDIR: output, NODE_COMPILE_CACHE: join(root, COMPILE_CACHE) },
    },
    run.signal,
  );
  if (!result.started) return `main.ts cannot be started: ${result.reason}`;
  return result.code === 0 ? undefined : `The stacks cannot be synthesized.\n${result.stderr || result.stdout}`;
}

/** Takes what another job synthesized. It may be the work of anybody's code, so it is looked at before Terraform is. */
async function adopt(request: Place & Pick<ProvisionRequest, 'stacks' | 'environment'>): Promise<Synthesis> {
  const { root, stacks, environment } = request;
  const hashes = new Map<string, string>();
  const problems: string[] = [];
  for (const stack of stacks) {
    try {
      const text = await read(request, stack);
      hashes.set(stack, hash(text));
      problems.push(...inspectStack(stack, JSON.parse(text), stateBucketName(loadProject(root, environment))));
    } catch (error) {
      problems.push(`${stack}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length === 0) return { ok: true, hashes };
  return { ok: false, problem: `What was synthesized is not run:\n${problems.join('\n')}` };
}

const read = (place: Place, stack: string): Promise<string> =>
  readFile(join(stacksFolder(place), stack, 'cdk.tf.json'), 'utf8');

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
