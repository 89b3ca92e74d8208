/** IAM policy documents, as far as they are evaluated here. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export type OneOrMore<Value> = Value | readonly Value[];

export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string | boolean | number>>>>>;
}

export interface PolicyDocument {
  readonly Statement: OneOrMore<PolicyStatement>;
}

export const many = <Value>(value: OneOrMore<Value> | undefined): readonly Value[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
};

/** `*` stands for any characters, `?` for one. */
export function like(pattern: string, text: string, ignoreCase = false): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's').test(text);
}
