import { hostName, PREVIEW_HEADER } from '../../manifest/names.ts';
import { isRecord, type Preview, readsPlatform, refersTo } from './names.ts';

/** Numbers per preview on the listener; see stacks/rule-priority.ts. */
const PREVIEW_SIZE = 50;
/** The place that a preview is synthesized for where nobody knows which one it will get. */
export const DRAFT_PLACE = 1;

/**
 * What is wrong with a listener rule. Nothing but this look keeps a pull request's own stack from taking the requests of staging or of another preview: all
 * share one listener, and IAM knows no hosts.
 */
export function inspectRule(rule: Readonly<Record<string, unknown>>, preview: Preview): readonly string[] {
  const priority = Number(rule['priority']);
  const first = DRAFT_PLACE * PREVIEW_SIZE + 2;
  return [
    ...(readsPlatform(rule['listener_arn'], 'listener-arn', preview) ? [] : ["is not one of staging's listener"]),
    ...(Number.isInteger(priority) && priority >= first && priority < first + PREVIEW_SIZE - 2
      ? []
      : [`has the number ${rule['priority']}`]),
    ...(onlyForPreview(rule['condition'], preview) ? [] : ['answers for other hosts']),
    ...list(rule['action']).flatMap((action) =>
      forwards(action, preview) ? [] : ['does something else than to lead to a service'],
    ),
  ];
}

/** The preview's own host; or staging's, for requests that name the preview. */
function onlyForPreview(conditions: unknown, { project, environment }: Preview): boolean {
  const values = (key: string): readonly unknown[] =>
    list(conditions).flatMap((condition) => list(condition[key]).flatMap((one) => one['values'] ?? []));
  const hosts = values('host_header');
  const named = values('http_header');
  const headers = list(conditions).flatMap((condition) => list(condition['http_header']));
  const [host] = hosts;
  if (hosts.length !== 1) return false;
  if (host === hostName(project, environment)) return true;
  return (
    host === hostName(project, 'staging') &&
    named.length === 1 &&
    named[0] === environment &&
    headers.every((header) => String(header['http_header_name']).toLowerCase() === PREVIEW_HEADER)
  );
}

function forwards(action: Readonly<Record<string, unknown>>, preview: Preview): boolean {
  if (action['type'] !== 'forward' || 'forward' in action) return false;
  const target = action['target_group_arn'];
  return refersTo(target, ['aws_lb_target_group']) || readsTarget(target, preview);
}

/** The service of staging that a wider path of the preview's would hide. */
function readsTarget(value: unknown, { read }: Preview): boolean {
  const [, address = ''] = /^\$\{(data\.aws_ssm_parameter\.[\w-]+)\.insecure_value\}$/.exec(String(value)) ?? [];
  return /\/staging\/platform\/target\/[\w-]+$/.test(read.get(address) ?? '');
}

/** Moves the rules of a stack from the place that it was synthesized for to the one that its preview has. */
export function moveRules(stack: Readonly<Record<string, unknown>>, place: number): Record<string, unknown> {
  const resources = isRecord(stack['resource']) ? stack['resource'] : {};
  const rules = isRecord(resources['aws_lb_listener_rule']) ? resources['aws_lb_listener_rule'] : undefined;
  if (rules === undefined) return { ...stack };
  const moved = Object.entries(rules).map(([name, rule]) => [
    name,
    isRecord(rule) ? { ...rule, priority: Number(rule['priority']) + (place - DRAFT_PLACE) * PREVIEW_SIZE } : rule,
  ]);
  return { ...stack, resource: { ...resources, aws_lb_listener_rule: Object.fromEntries(moved) } };
}

const list = (value: unknown): readonly Record<string, unknown>[] => [value ?? []].flat().filter(isRecord);
