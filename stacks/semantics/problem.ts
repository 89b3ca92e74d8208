import type { ManifestError } from '../../pipeline/manifest/result.ts';

/** Something in a synthesized stack that AWS or Terraform would refuse, found before either is asked. */
export type Problem = ManifestError;

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One resource or data source of a stack. */
export interface Entry {
  readonly stack: string;
  /** `aws_s3_bucket`, or `data.aws_route53_zone`. */
  readonly type: string;
  readonly name: string;
  /** `aws_s3_bucket.logs`. */
  readonly address: string;
  readonly value: Json;
}

/** Everything that a stack declares. */
export function entriesOf(stack: string, json: Json): readonly Entry[] {
  return [
    ...typesOf(json['resource']).flatMap(([type, all]) =>
      named(all).map(([name, value]) => entry(stack, type, name, value)),
    ),
    ...typesOf(json['data']).flatMap(([type, all]) =>
      named(all).map(([name, value]) => entry(stack, `data.${type}`, name, value)),
    ),
  ];
}

const typesOf = (part: unknown): readonly (readonly [string, Json])[] => named(part);

const named = (part: unknown): readonly (readonly [string, Json])[] =>
  Object.entries(isJson(part) ? part : {}).flatMap(([name, value]) => (isJson(value) ? [[name, value] as const] : []));

const entry = (stack: string, type: string, name: string, value: Json): Entry => ({
  stack,
  type,
  name,
  address: `${type}.${name}`,
  value,
});
