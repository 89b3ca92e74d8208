import { isJson, type Json } from './types.ts';

export interface Judged {
  /** `aws_s3_bucket.logs_bucket_5A22438C`, or the place of a block of Terraform's own. */
  readonly address: string;
  readonly name: string;
  readonly resource: Json;
}

const named = (part: unknown): readonly (readonly [string, Json])[] =>
  Object.entries(isJson(part) ? part : {}).flatMap(([name, value]) => (isJson(value) ? [[name, value] as const] : []));

const all = (part: unknown, prefix: string): readonly Judged[] =>
  named(part).flatMap(([type, resources]) =>
    named(resources).map(([name, resource]) => ({ address: `${prefix}${type}.${name}`, name, resource })),
  );

/** Everything in a stack that a control's `resourceType` means. */
export function resourcesOf(stack: Json, type: string): readonly Judged[] {
  const terraform = isJson(stack['terraform']) ? stack['terraform'] : {};
  if (type === '*') return all(stack['resource'], '');
  if (type === 'terraform') return [{ address: type, name: type, resource: terraform }];
  if (type.startsWith('terraform.')) return block(terraform, type);
  if (type.startsWith('provider.')) return providers(stack['provider'], type);
  if (type.startsWith('data.')) return ofType(stack['data'], type.slice('data.'.length), 'data.');
  return ofType(stack['resource'], type, '');
}

function ofType(part: unknown, type: string, prefix: string): readonly Judged[] {
  const resources = isJson(part) ? part[type] : undefined;
  return all({ [type]: resources }, prefix);
}

function block(terraform: Json, type: string): readonly Judged[] {
  const found = type
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (isJson(value) ? value[name] : undefined), terraform);
  return isJson(found) ? [{ address: type, name: type, resource: found }] : [];
}

function providers(part: unknown, type: string): readonly Judged[] {
  const list = isJson(part) ? part[type.slice('provider.'.length)] : undefined;
  return (Array.isArray(list) ? list : [])
    .filter(isJson)
    .map((resource, index) => ({ address: `${type}.${index}`, name: String(index), resource }));
}
