import { type Context, conditions } from './conditions.ts';
import { like, many, type PolicyDocument, type PolicyStatement } from './policy.ts';

/** One use of a permission: an action on a resource (`*` where the action knows none). */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
}

/** A request as it arrives in a region: every request carries it, and policies may ask for it. */
export const inRegion = <Request extends AccessRequest>(region: string, request: Request): Request => ({
  ...request,
  context: { 'aws:RequestedRegion': region, ...request.context },
});

/** What an identity is given, and the most that it may be given. */
export interface Identity {
  readonly policies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
}

export type Access =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: 'a statement denies it' | 'no statement allows it' | 'the boundary' };

/**
 * Decides as IAM does within one account: a deny anywhere wins, then both the identity's policies and its boundary have to allow it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate({ policies, boundary }: Identity, request: AccessRequest): Access {
  const documents = boundary === undefined ? policies : [...policies, boundary];
  if (documents.some((document) => matches(document, 'Deny', request)))
    return { allowed: false, because: 'a statement denies it' };
  if (!policies.some((document) => matches(document, 'Allow', request)))
    return { allowed: false, because: 'no statement allows it' };
  if (boundary !== undefined && !matches(boundary, 'Allow', request))
    return { allowed: false, because: 'the boundary' };
  return { allowed: true };
}

const matches = (document: PolicyDocument, effect: 'Allow' | 'Deny', request: AccessRequest): boolean =>
  many(document.Statement).some((statement) => statement.Effect === effect && applies(statement, request));

function applies(statement: PolicyStatement, { action, resource, context = {} }: AccessRequest): boolean {
  const { Action, NotAction, Resource, NotResource, Effect } = statement;
  const names = (patterns: typeof Action): boolean => many(patterns).some((pattern) => like(pattern, action, true));
  if (NotAction === undefined ? !names(Action) : names(NotAction)) return false;
  const covers = (patterns: typeof Resource): boolean => many(patterns).some((pattern) => like(pattern, resource));
  if (NotResource === undefined ? !covers(Resource) : covers(NotResource)) return false;
  const verdict = conditions(statement, context);
  // What is not understood allows nothing, and denies.
  return verdict === 'unknown operator' ? Effect === 'Deny' : verdict === 'holds';
}

/** Actions that the policies name, patterns as they are written. */
export const grantedActions = ({ policies }: Identity): readonly string[] => [
  ...new Set(
    policies.flatMap(({ Statement }) =>
      many(Statement).flatMap(({ Effect, Action }) => (Effect === 'Allow' ? many(Action) : [])),
    ),
  ),
];
