import { listOf } from '../definition/load.ts';
import type { TriggerDefinition } from '../definition/types.ts';
import { matchesPatterns } from '../expression/patterns.ts';

/** An event as far as `on` filters look at it. */
export interface TriggerEvent {
  readonly name: string;
  /** Activity type, for example `opened`. */
  readonly action?: string | undefined;
  /** The ref that was pushed, or the base branch of the pull request, as `refs/heads/main`. */
  readonly ref: string;
  /** Files that the event changed. */
  readonly changedFiles: readonly string[];
}

const DEFAULT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
};

/** Why a workflow does not run for an event; nothing when it does. */
export function whyNotTriggered(
  triggers: Readonly<Record<string, TriggerDefinition>>,
  event: TriggerEvent,
): string | undefined {
  const trigger = triggers[event.name];
  if (!trigger) return `no on.${event.name}`;
  const types = trigger.types === undefined ? DEFAULT_TYPES[event.name] : listOf(trigger.types);
  if (types && event.action && !types.includes(event.action))
    return `type ${event.action} is not one of ${types.join(', ')}`;
  if (event.name !== 'push' && !event.name.startsWith('pull_request')) return undefined;
  return refFault(trigger, event) ?? pathFault(trigger, event);
}

function refFault(trigger: TriggerDefinition, { name: event, ref }: TriggerEvent): string | undefined {
  const tag = ref.startsWith('refs/tags/');
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  const branchFilter = trigger.branches !== undefined || trigger['branches-ignore'] !== undefined;
  const tagFilter = trigger.tags !== undefined || trigger['tags-ignore'] !== undefined;
  if (event === 'push' && (tag ? branchFilter && !tagFilter : tagFilter && !branchFilter)) {
    return `${ref} is not of the kind that the filters name`;
  }
  const include = tag ? trigger.tags : trigger.branches;
  const exclude = tag ? trigger['tags-ignore'] : trigger['branches-ignore'];
  if (include && !matchesPatterns(listOf(include), name)) return `${name} matches no filter`;
  if (exclude && matchesPatterns(listOf(exclude), name)) return `${name} is ignored`;
  return undefined;
}

/** Path filters do not apply to tags. */
function pathFault(trigger: TriggerDefinition, { ref, changedFiles }: TriggerEvent): string | undefined {
  if (ref.startsWith('refs/tags/')) return undefined;
  const { paths, 'paths-ignore': ignored } = trigger;
  if (paths && !changedFiles.some((file) => matchesPatterns(listOf(paths), file)))
    return 'no changed file matches paths';
  if (ignored && changedFiles.length > 0 && changedFiles.every((file) => matchesPatterns(listOf(ignored), file))) {
    return 'paths-ignore covers every changed file';
  }
  return undefined;
}
