import { randomBytes, randomUUID } from 'node:crypto';
import type { Maker } from '../engine/record.ts';
import { text, type Values } from '../schema/value.ts';

/** Makers of computed attributes that many types share. */

const hex = (digits: number): string => randomBytes(digits).toString('hex').slice(0, digits);

/** EC2 style: `vpc-0a1b2c3d4e5f67890`. */
export const ec2Id =
  (prefix: string): Maker =>
  () =>
    `${prefix}-${hex(17).replace(/^./, '0')}`;

export const uuid: Maker = () => randomUUID();

/** IAM style: `AROA` and 17 capital letters and digits. */
export const iamId =
  (prefix: string): Maker =>
  () =>
    `${prefix}${hex(17).toUpperCase()}`;

/** Repeats another attribute. */
export const same =
  (name: string): Maker =>
  (values) =>
    values[name] ?? null;

export const constant =
  (value: string | number | boolean): Maker =>
  () =>
    value;

/** ARN from a template: `vpc/{id}`. */
export const arnOf =
  (service: string, template: string, scope?: 'global'): Maker =>
  (values, context) =>
    context.arn(service, fill(template, values), scope);

/** Several attributes in one id: `{role}:{name}`. */
export const joined =
  (template: string): Maker =>
  (values) =>
    fill(template, values);

const fill = (template: string, values: Readonly<Record<string, unknown>>): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));

let serial = 0;

/** A name that was left out: a prefix and a time stamp, as Terraform's SDK makes it. */
export function newName(values: Values, { attribute = 'name_prefix', fallback = 'terraform-' } = {}): string {
  serial = (serial + 1) % 0x10000;
  const stamp = new Date().toISOString().replace(/\D/g, '');
  return `${text(values, attribute) ?? fallback}${stamp}${serial.toString(16).padStart(8, '0')}`;
}

export const generatedName: Maker = (values) => newName(values);

export const accountId: Maker = (_values, context) => context.cloud.accountId;
export const region: Maker = (_values, context) => context.region;
/** ISO 8601 in UTC, without milliseconds. */
export const now: Maker = (_values, context) => new Date(context.cloud.now()).toISOString().replace(/\.\d+Z$/, 'Z');
