import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

interface Stack {
  /** Of the provider that it was made for. */
  readonly version: string;
  readonly json: unknown;
}

/** Every stack, made with CDKTF or with the packages that `options` put in its place. */
function synthesized(options: readonly string[]): ReadonlyMap<string, Stack> {
  const outdir = mkdtempSync(join(tmpdir(), 'slipway-fork-'));
  try {
    const parameters = ['--disable-warning=ExperimentalWarning', ...options, 'stacks/testing/everything.ts'];
    const env = { ...process.env, CDKTF_OUTDIR: outdir };
    const { status, stderr } = spawnSync(process.execPath, parameters, { cwd: ROOT, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const folder = join(outdir, 'stacks');
    return new Map(readdirSync(folder).map((id) => [id, read(join(folder, id, 'cdk.tf.json'))]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Without what names the tool and the provider's version; `aws` is short for `hashicorp/aws`. */
function read(file: string): Stack {
  const { '//': _, ...stack } = JSON.parse(readFileSync(file, 'utf8'));
  const { version, source } = stack.terraform.required_providers.aws;
  const terraform = { ...stack.terraform, required_providers: { aws: source.replace(/^aws$/, 'hashicorp/aws') } };
  return { version, json: { ...stack, terraform } };
}

test('CDK Terrain, the fork that is maintained, makes the same of every stack', () => {
  const ours = synthesized([]);
  const fork = synthesized(['--import', './stacks/testing/fork.ts']);
  expect([...fork.keys()]).toEqual([...ours.keys()]);
  for (const [id, { json }] of ours) expect([id, fork.get(id)?.json]).toEqual([id, json]);
  // Both were really at work.
  expect([ours.get('account')?.version, fork.get('account')?.version]).toEqual(['6.25.0', '6.66.0']);
}, 60_000);
