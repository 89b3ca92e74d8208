import { contradictions } from './contradictions.ts';
import { keyProblems } from './keys.ts';
import { entriesOf, type Json, type Problem } from './problem.ts';
import type { ProviderSchema } from './provider-schema.ts';
import { cycleProblems, referenceProblems } from './references.ts';
import { valueProblems } from './values.ts';

/**
 * Everything in a synthesized stack that the provider or AWS would refuse: unknown arguments, references to nothing, circles, names that are too
 * long, values that are no choice. Pure.
 */
export function checkStack(stack: string, json: Json, schema: ProviderSchema): readonly Problem[] {
  const entries = entriesOf(stack, json);
  return [
    ...entries.flatMap((entry) => [...keyProblems(entry, schema), ...valueProblems(entry)]),
    ...referenceProblems(entries, schema),
    ...cycleProblems(entries),
    ...contradictions(entries),
  ];
}
