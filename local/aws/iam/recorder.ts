import type { Cloud } from '../../cloud.ts';
import { openSessions } from '../sts/sessions.ts';
import type { CallContext, Input } from './names.ts';
import { neededAccess } from './needs.ts';
import { rememberRole, rolesOf } from './roles.ts';

/** A permission that a role has used. */
export interface UsedAccess {
  /** Name of the role. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: CallContext;
}

export interface AccessRecorder {
  /** Remembers what a signed call needed. */
  record(call: { service: string; operation: string; input: object; accessKeyId: string | undefined }): void;
}

/** A service may touch thousands of objects; some are enough to tell whether it may. */
const RESOURCES_PER_ACTION = 40;

const collection = (cloud: Pick<Cloud, 'store'>) => cloud.store.collection<UsedAccess>('iam/used');

/**
 * Keeps which role used which permission on what. Calls with the local cloud's own credentials are not of a role and do not count; neither are calls
 * that Terraform's provider makes in process.
 */
export function createAccessRecorder(cloud: Cloud): AccessRecorder {
  const used = collection(cloud);
  const sessions = openSessions(cloud);
  const remembered = new Set<string>();
  /** Roles of previews go with them; what they did is decided later. */
  const remember = (name: string): void => {
    if (remembered.has(name)) return;
    const role = rolesOf(cloud).find((one) => one.name === name);
    if (role === undefined) return;
    remembered.add(name);
    rememberRole(cloud, role);
  };
  const seen = new Set(used.entries().map(([key]) => key));
  const counts = new Map<string, number>();
  return {
    record({ service, operation, input, accessKeyId }) {
      const role = roleOf(sessions.caller(accessKeyId ?? '').arn);
      if (role === undefined) return;
      for (const need of neededAccess(service, operation, input as Input, cloud)) {
        const key = [role, need.action, need.resource, JSON.stringify(need.context ?? {})].join('|');
        const place = `${role}|${need.action}`;
        if (seen.has(key) || (counts.get(place) ?? 0) >= RESOURCES_PER_ACTION) continue;
        remember(role);
        seen.add(key);
        counts.set(place, (counts.get(place) ?? 0) + 1);
        used.set(key, { role, ...need });
      }
    },
  };
}

export const usedAccess = (cloud: Pick<Cloud, 'store'>): readonly UsedAccess[] =>
  collection(cloud)
    .entries()
    .map(([, access]) => access);

/** `arn:aws:sts::1:assumed-role/<role>/<session>`. */
const roleOf = (arn: string): string | undefined => /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
