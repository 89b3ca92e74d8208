import type { Claims } from './issuer.ts';

/** How `sub` is formed; GitHub's "customization template" of the repository. */
export interface SubjectTemplate {
  readonly use_default: boolean;
  /** For example `["repo", "context", "job_workflow_ref"]`. */
  readonly include_claim_keys?: readonly string[];
  /** Names with ids (`octo@1/app@2`), as repositories have them that were made since July 2026. */
  readonly use_immutable_subject?: boolean;
}

/**
 * The claims of a job's identity token. `sub` names the environment if the job has one, else `pull_request` or the ref.
 * Source: GitHub's OpenID Connect reference.
 */
export function oidcClaims(
  github: Readonly<Record<string, unknown>>,
  job: { readonly environment?: string | undefined; readonly workflowPath: string },
  template: SubjectTemplate,
): Claims {
  const text = (key: string): string => String(github[key] ?? '');
  const shared = [
    'ref',
    'sha',
    'repository',
    'repository_owner',
    'repository_id',
    'repository_owner_id',
    'run_id',
    'run_number',
    'run_attempt',
    'actor',
    'actor_id',
    'workflow',
    'head_ref',
    'base_ref',
    'event_name',
    'ref_protected',
    'ref_type',
    'workflow_ref',
    'workflow_sha',
  ];
  const claims: Claims = {
    ...Object.fromEntries(shared.map((key) => [key, text(key)])),
    repository_visibility: 'private',
    runner_environment: 'self-hosted',
    job_workflow_ref: `${text('repository')}/${job.workflowPath}@${text('ref')}`,
    job_workflow_sha: text('sha'),
    ...(job.environment === undefined ? {} : { environment: job.environment }),
  };
  return { sub: subject(claims, template), ...claims };
}

function subject(claims: Claims, template: SubjectTemplate): string {
  const keys = template.use_default ? ['repo', 'context'] : (template.include_claim_keys ?? ['repo', 'context']);
  return keys
    .map((key) => {
      if (key === 'repo') return `repo:${repositoryName(claims, template)}`;
      return key === 'context' ? context(claims) : `${key}:${claims[key] ?? ''}`;
    })
    .join(':');
}

function context({ environment, event_name, ref }: Claims): string {
  if (environment !== undefined) return `environment:${environment}`;
  return event_name === 'pull_request' ? 'pull_request' : `ref:${ref}`;
}

function repositoryName(claims: Claims, { use_immutable_subject }: SubjectTemplate): string {
  const { repository = '', repository_owner_id, repository_id } = claims;
  if (!use_immutable_subject) return repository;
  const [owner, name] = repository.split('/');
  return `${owner}@${repository_owner_id}/${name}@${repository_id}`;
}
