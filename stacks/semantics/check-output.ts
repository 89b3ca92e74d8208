import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeErrors } from '../../pipeline/manifest/result.ts';
import type { App } from '../cdktf.ts';
import { checkStack } from './check.ts';
import type { Json } from './problem.ts';
import type { ProviderSchema } from './provider-schema.ts';

/**
 * Checks what a program has just synthesized.
 * @throws Error with everything that Terraform or AWS would refuse, in words
 */
export function checkOutput(app: App, schema: ProviderSchema): void {
  const problems = app.node.children.flatMap(({ node: { id } }) => {
    const file = join(app.outdir, 'stacks', id, 'cdk.tf.json');
    return checkStack(id, JSON.parse(readFileSync(file, 'utf8')) as Json, schema);
  });
  if (problems.length > 0) throw new Error(describeErrors(problems));
}
