import { describeErrors } from '../../pipeline/manifest/result.ts';
import type { App } from '../cdktf.ts';
import { SlipwayStack } from '../stack.ts';
import { checkStack } from './check.ts';
import type { Json } from './problem.ts';
import type { ProviderSchema } from './provider-schema.ts';

/**
 * Checks what a program has just synthesized.
 * @throws Error with everything that Terraform or AWS would refuse, in words
 */
export function checkOutput(app: App, schema: ProviderSchema): void {
  const problems = app.node.children.flatMap((stack) =>
    stack instanceof SlipwayStack ? checkStack(stack.node.id, stack.synthesized as Json, schema) : [],
  );
  if (problems.length > 0) throw new Error(describeErrors(problems));
}
