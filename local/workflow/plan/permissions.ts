import type { PermissionsDefinition } from '../definition/types.ts';

export type Level = 'none' | 'read' | 'write';
export type LevelByScope = Readonly<Record<string, Level>>;

const SCOPES = [
  'actions',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses',
] as const;

/** What a token may do in a repository with restricted default permissions, when no workflow file says otherwise. */
const DEFAULT: LevelByScope = { contents: 'read', packages: 'read', metadata: 'read' };
const RANK: Readonly<Record<Level, number>> = { none: 0, read: 1, write: 2 };

/**
 * Permissions of a job's GITHUB_TOKEN: the job's declaration, else the workflow's, else the default. A scope that a
 * declaration does not name is `none`. A called workflow never exceeds its caller (`ceiling`); a run for a fork's pull
 * request reads only.
 */
export function tokenPermissions(request: {
  readonly job?: PermissionsDefinition | undefined;
  readonly workflow?: PermissionsDefinition | undefined;
  readonly ceiling?: LevelByScope | undefined;
  readonly fork?: boolean | undefined;
}): LevelByScope {
  const declared = request.job !== undefined ? request.job : request.workflow;
  const wanted = declared === undefined ? (request.ceiling ?? DEFAULT) : expand(declared);
  const granted = Object.entries(wanted).map(([scope, level]): [string, Level] => {
    const limited = request.ceiling ? lower(level, request.ceiling[scope] ?? 'none') : level;
    if (!request.fork) return [scope, limited];
    return [scope, scope === 'id-token' ? 'none' : lower(limited, 'read')];
  });
  return { ...Object.fromEntries(granted.filter(([, level]) => level !== 'none')), metadata: 'read' };
}

function expand(declared: PermissionsDefinition): LevelByScope {
  if (declared === null) return {};
  if (declared === 'write-all') return Object.fromEntries(SCOPES.map((scope) => [scope, 'write']));
  if (declared === 'read-all') {
    return Object.fromEntries(SCOPES.filter((scope) => scope !== 'id-token').map((scope) => [scope, 'read']));
  }
  return declared;
}

function lower(one: Level, other: Level): Level {
  return RANK[one] <= RANK[other] ? one : other;
}
