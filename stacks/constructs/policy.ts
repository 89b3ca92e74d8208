/** One statement of an IAM policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** An IAM policy as JSON text. Not a Terraform data source: text can be read by tests and reviewers. */
export const policyDocument = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** Denies whatever does not come over TLS; part of every resource policy. */
export const onlyTls = (Action: readonly string[], Resource: readonly string[]): Statement => ({
  Sid: 'OnlyTls',
  Effect: 'Deny',
  Principal: '*',
  Action,
  Resource,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

export const allow = (
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement => ({ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) });
