import type { RepositoryEvent } from '../events/event.ts';
import { ACTOR_ID, OWNER_ID, REPOSITORY_ID, type Site } from '../site.ts';
import type { Run } from '../types.ts';

/** The `github` context of a run; the runner adds what differs per job. Source: GitHub's contexts reference. */
export function githubContext(site: Site, run: Run, event: RepositoryEvent): Readonly<Record<string, unknown>> {
  const { repository } = site.options;
  const [owner = ''] = repository.split('/');
  const { pullRequest } = event;
  return {
    event_name: event.name,
    event: event.payload,
    sha: event.commit,
    ref: event.ref,
    ref_name: event.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: event.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: false,
    head_ref: pullRequest?.head ?? '',
    base_ref: pullRequest?.base ?? '',
    repository,
    repository_id: String(REPOSITORY_ID),
    repository_owner: owner,
    repository_owner_id: String(OWNER_ID),
    repositoryUrl: `${site.url}/${repository}.git`,
    actor: event.actor,
    actor_id: String(ACTOR_ID),
    triggering_actor: event.actor,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: '1',
    retention_days: '90',
    workflow: run.name,
    workflow_ref: `${repository}/${run.workflow}@${event.ref}`,
    workflow_sha: event.commit,
    api_url: site.url,
    server_url: site.url,
    graphql_url: `${site.url}/graphql`,
    secret_source: 'Actions',
  };
}
