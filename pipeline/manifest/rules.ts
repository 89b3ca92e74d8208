import type { ManifestError } from './result.ts';
import { rolloutFindings } from './rollout.ts';
import { checkBodies, migrationOrder, redundantRoutes, variables } from './rules/behaviour.ts';
import type { Rule } from './rules/finding.ts';
import { fieldsOfTheKind, functionCaller, neededFields } from './rules/kinds.ts';
import { queueNames, tableAttributes, uniqueDeclarations, useNamesOneThing } from './rules/possessions.ts';
import { fargateSize, lambdaSize, scalingBacklog, scalingOrder } from './rules/sizes.ts';
import type { Manifest } from './types.ts';

const RULES: readonly Rule[] = [
  fieldsOfTheKind,
  neededFields,
  fargateSize,
  lambdaSize,
  scalingOrder,
  scalingBacklog,
  redundantRoutes,
  useNamesOneThing,
  variables,
  uniqueDeclarations,
  queueNames,
  functionCaller,
  tableAttributes,
  checkBodies,
  migrationOrder,
  rolloutFindings,
];

/** Contradictions inside one manifest. */
export function ruleErrors(manifest: Manifest, file: string): ManifestError[] {
  return RULES.flatMap((rule) => rule(manifest)).map((finding) => ({ file, ...finding }));
}
