import type { ConcurrencyDefinition } from '../definition/types.ts';
import type { Scope } from '../expression/evaluate.ts';
import { renderText, renderValue } from '../expression/template.ts';
import type { Concurrency } from '../plan/concurrency.ts';

/** Waits until the concurrency group lets this run or job in; returns the way out. No group, no wait. */
export async function enterGroup(
  concurrency: Concurrency,
  definition: ConcurrencyDefinition | undefined,
  scope: Scope,
  { cancel, signal }: { readonly cancel: AbortController; readonly signal: AbortSignal },
): Promise<() => void> {
  if (definition === undefined) return () => {};
  const declared = typeof definition === 'string' ? { group: definition } : definition;
  const group = renderText(declared.group, scope);
  if (group === '') return () => {};
  const inProgress = 'cancel-in-progress' in declared ? declared['cancel-in-progress'] : false;
  const cancelInProgress = renderValue(inProgress, scope);
  return concurrency.enter({
    group,
    cancelInProgress: cancelInProgress === true || cancelInProgress === 'true',
    cancel: (reason) => cancel.abort(reason),
    signal,
  });
}
