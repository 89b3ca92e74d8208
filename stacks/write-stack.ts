import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from './cdktf.ts';

type Json = { readonly [name: string]: unknown };
type Session = Parameters<TerraformStack['synthesizer']['synthesize']>[0];

/**
 * Writes `cdk.tf.json` of a stack as CDKTF does, with sorted keys, and returns what it wrote. CDKTF's own writer also looks for aspects, annotations and resources that moved, which we have none
 * of, and sorts keys in a way that takes three times as long.
 */
export function writeStack(stack: TerraformStack, { outdir, manifest, skipValidation }: Session): Json {
  if (skipValidation !== true) stack.runAllValidations();
  const { workingDirectory, synthesizedStackPath } = manifest.forStack(stack);
  const json = sorted(stack.toTerraform()) as Json;
  mkdirSync(join(outdir, workingDirectory), { recursive: true });
  writeFileSync(join(outdir, synthesizedStackPath), JSON.stringify(json, undefined, 2));
  return json;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) result[key] = sorted(value[key as keyof typeof value]);
  return result;
}
