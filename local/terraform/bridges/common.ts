import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../engine/definition.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { textMap, type Value, type Values } from '../schema/value.ts';

/** All tags that a resource is to have, the provider's default tags included. */
export const allTags = (values: Values): Record<string, string> => textMap(values, 'tags_all');

/** Tags as most services take them. */
export const tagList = (values: Values): { Key: string; Value: string }[] =>
  Object.entries(allTags(values)).map(([Key, Value]) => ({ Key, Value }));

/** Tags as ECS takes them. */
export const lowerTagList = (values: Values): { key: string; value: string }[] =>
  Object.entries(allTags(values)).map(([key, value]) => ({ key, value }));

/** Tags as most services answer them. */
export const tagsFrom = (list: readonly { Key?: string; Value?: string }[] | undefined): Values =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

export const tagsFromLower = (list: readonly { key?: string; value?: string }[] | undefined): Values =>
  Object.fromEntries((list ?? []).map(({ key, value }) => [key ?? '', value ?? '']));

/** Calls `set` with changed or new tags and `remove` with the keys of tags that are gone. */
export async function changeTags(
  prior: Values,
  planned: Values,
  change: {
    set(tags: { Key: string; Value: string }[], map: Record<string, string>): Promise<unknown>;
    remove(keys: string[]): Promise<unknown>;
  },
): Promise<void> {
  const before = allTags(prior);
  const after = allTags(planned);
  const removed = Object.keys(before).filter((key) => !(key in after));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  if (removed.length > 0) await change.remove(removed);
  if (set.length > 0)
    await change.set(
      set.map(([Key, Value]) => ({ Key, Value })),
      Object.fromEntries(set),
    );
}

/** True if any of the attributes differ between two values. */
export function changed(prior: Values, planned: Values, names: readonly string[]): boolean {
  return names.some((name) => JSON.stringify(prior[name] ?? null) !== JSON.stringify(planned[name] ?? null));
}

/** An attribute that the service may leave out: absent becomes null. */
export const orNull = (value: Value | undefined): Value => value ?? null;

/** Repeats `check` until it says true; fails after `seconds` or when Terraform is told to stop. */
export async function waitUntil(
  what: string,
  context: Context,
  check: () => Promise<boolean>,
  seconds = 600,
): Promise<void> {
  const end = context.cloud.now() + seconds * 1000;
  for (let pause = 10; !(await check()); pause = Math.min(pause * 2, 500)) {
    if (context.signal.aborted) throw new ProviderError(`waiting for ${what}: interrupted`, '');
    if (context.cloud.now() > end) throw new ProviderError(`waiting for ${what}: timeout after ${seconds} s`, '');
    await sleep(pause);
  }
}
