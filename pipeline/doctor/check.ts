import type { Check, Fact } from './types.ts';

/** The command that makes what only a person may make. */
export const BOOTSTRAP = 'npm run bootstrap';

export const ok = (name: string, found: string): Check => ({ name, status: 'ok', found });
export const failed = (name: string, found: string, fix: string): Check => ({ name, status: 'failed', found, fix });
export const skipped = (name: string, found: string): Check => ({ name, status: 'skipped', found });

/** A check of a fact that may not be known. */
export function about<Value>(name: string, fact: Fact<Value>, judgeValue: (value: Value) => Check): Check {
  return fact.known ? judgeValue(fact.value) : skipped(name, fact.why);
}
