import type { Context } from './conditions.ts';
import { type AccessRequest, evaluate, grantedActions, type Identity, inRegion } from './evaluate.ts';
import { like, type PolicyDocument } from './policy.ts';

/** A role with its documents as JSON texts. */
export interface RoleDocuments {
  readonly name: string;
  readonly policies: readonly string[];
  readonly boundary?: string;
}

/** A permission that a role was seen to use. */
export interface UsedAccess {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
}

export interface Refused {
  readonly request: AccessRequest;
  readonly because: string;
}

/** What one role used of what it has. */
export interface RoleUse {
  readonly role: string;
  /** Actions that it used, sorted. */
  readonly used: readonly string[];
  /** Actions (patterns) that it is given, sorted. */
  readonly granted: readonly string[];
  /** Given but not seen in use. */
  readonly unused: readonly string[];
  /** Used, but not allowed: the role lacks them. */
  readonly refused: readonly Refused[];
}

export const identityOf = ({ policies, boundary }: RoleDocuments): Identity => ({
  policies: policies.map((text) => JSON.parse(text) as PolicyDocument),
  ...(boundary === undefined ? {} : { boundary: JSON.parse(boundary) as PolicyDocument }),
});

/** Decides every use against the policies of the role that made it. A role that is not known allows nothing. */
export function replay(
  roles: readonly RoleDocuments[],
  used: readonly UsedAccess[],
  region: string,
): readonly RoleUse[] {
  const names = [...new Set([...roles.map(({ name }) => name), ...used.map(({ role }) => role)])].sort();
  return names.map((name) => {
    const documents = roles.find((role) => role.name === name);
    const identity = documents === undefined ? { policies: [] } : identityOf(documents);
    const uses = used.filter(({ role }) => role === name);
    const actions = [...new Set(uses.map(({ action }) => action))].sort();
    const granted = grantedActions(identity).toSorted();
    return {
      role: name,
      used: actions,
      granted,
      unused: granted.filter((pattern) => !actions.some((action) => like(pattern, action, true))),
      refused: uses.flatMap(({ role: _, ...request }) => {
        const access = evaluate(identity, inRegion(region, request));
        return access.allowed ? [] : [{ request, because: access.because }];
      }),
    };
  });
}
