import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Execute } from './command.ts';
import type { ProvisionRequest } from './types.ts';

const OUTPUT = 'cdktf.out';

export type Synthesis =
  | { readonly ok: true; readonly hashes: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: string };

type Place = Pick<ProvisionRequest, 'root' | 'output'>;

const outputFolder = ({ root, output }: Place): string => output ?? join(root, OUTPUT);

/** Where Terraform finds the stacks of a checkout. */
export const stacksFolder = (place: Place): string => join(outputFolder(place), 'stacks');

/** Runs main.ts for the wanted stacks and hashes what came out. */
export async function synthesize(
  request: Place & Pick<ProvisionRequest, 'stacks' | 'environment'>,
  run: { readonly execute: Execute; readonly signal: AbortSignal },
): Promise<Synthesis> {
  const { root, stacks, environment } = request;
  const previews = [...new Set(stacks.flatMap((stack) => /^preview-pr-(\d+)$/.exec(stack)?.[1] ?? []))];
  if (previews.length > 1) return { ok: false, problem: `One preview at a time, not ${previews.join(' and ')}.` };
  const result = await run.execute(
    {
      program: process.execPath,
      parameters: ['--disable-warning=ExperimentalWarning', 'main.ts'],
      folder: root,
      environment: {
        ...environment,
        CDKTF_OUTDIR: outputFolder(request),
        SLIPWAY_STACKS: stacks.join(','),
        SLIPWAY_PREVIEW: previews[0] ?? '',
      },
    },
    run.signal,
  );
  if (!result.started) return { ok: false, problem: `main.ts cannot be started: ${result.reason}` };
  if (result.code !== 0)
    return { ok: false, problem: `The stacks cannot be synthesized.\n${result.stderr || result.stdout}` };
  const folder = stacksFolder(request);
  const hashes = await Promise.all(
    stacks.map(async (stack) => [stack, await hashFile(join(folder, stack, 'cdk.tf.json'))] as const),
  );
  return { ok: true, hashes: new Map(hashes) };
}

const hashFile = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
