import { conditions } from '../iam/conditions.ts';
import { many, type PolicyDocument, type PolicyStatement } from '../iam/policy.ts';

const ISSUER = 'token.actions.githubusercontent.com';

export interface TokenClaims {
  readonly sub: string;
  readonly ref: string;
}

/** Whether a role's trust policy takes a token of GitHub with these claims; `why` says which subjects it does take. */
export function trusts(policy: string, { sub, ref }: TokenClaims): { readonly ok: boolean; readonly why: string } {
  const statements = many((JSON.parse(policy) as PolicyDocument).Statement).filter(
    ({ Effect, Action }) => Effect === 'Allow' && many(Action).includes('sts:AssumeRoleWithWebIdentity'),
  );
  const context = { [`${ISSUER}:sub`]: sub, [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:ref`]: ref };
  if (statements.some((statement) => conditions(statement, context) === 'holds')) return { ok: true, why: sub };
  const taken = statements.flatMap(subjectsOf);
  return { ok: false, why: taken.length === 0 ? 'takes no token of GitHub' : `takes ${taken.join(', ')}` };
}

const subjectsOf = ({ Condition = {} }: PolicyStatement): readonly string[] =>
  Object.values(Condition).flatMap((keys) => many(keys[`${ISSUER}:sub`]).map(String));
