import { arch, platform } from 'node:os';
import { delimiter } from 'node:path';
import type { Frame, JobState } from './job-state.ts';

/** Keys of the `github` context that reach processes as GITHUB_*. Source: actions/runner, GitHubContext.cs. */
const GITHUB_KEYS = [
  'action',
  'action_path',
  'action_ref',
  'action_repository',
  'actor',
  'actor_id',
  'api_url',
  'base_ref',
  'event_name',
  'event_path',
  'graphql_url',
  'head_ref',
  'job',
  'ref',
  'ref_name',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'retention_days',
  'run_attempt',
  'run_id',
  'run_number',
  'server_url',
  'sha',
  'triggering_actor',
  'workflow',
  'workflow_ref',
  'workflow_sha',
  'workspace',
] as const;

/**
 * Environment of a step's process, lowest first: the machine, workflow and job, the calling composite step, the step, then
 * what only the runner may set.
 */
export function processEnvironment(
  job: JobState,
  frame: Frame,
  own: { readonly step: Readonly<Record<string, string>>; readonly runner: Readonly<Record<string, string>> },
): Record<string, string> {
  const { machine } = job.run;
  const environment: Record<string, string> = {
    ...machine.environment,
    HOME: job.folders.home,
    CI: 'true',
    ...job.environment,
    ...frame.environment,
    ...own.step,
    ...githubVariables({ ...(job.contexts['github'] as object), ...actionKeys(frame) }),
    ...runnerVariables(job),
    ...oidcVariables(job),
    ...own.runner,
  };
  environment['PATH'] = [...job.path, environment['PATH'] ?? ''].join(delimiter);
  return environment;
}

/** The `runner` context. */
export function runnerContext(folders: { readonly temp: string }, toolCache: string): Readonly<Record<string, string>> {
  return {
    name: 'slipway-local',
    os: platform() === 'darwin' ? 'macOS' : 'Linux',
    arch: arch() === 'arm64' ? 'ARM64' : 'X64',
    temp: folders.temp,
    tool_cache: toolCache,
    environment: 'self-hosted',
  };
}

function actionKeys({ action }: Frame): Readonly<Record<string, string>> {
  return action ? { action_path: action.folder, action_repository: action.repository, action_ref: action.ref } : {};
}

function githubVariables(github: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const known = GITHUB_KEYS.filter((key) => github[key] !== undefined && github[key] !== null);
  return {
    GITHUB_ACTIONS: 'true',
    ...Object.fromEntries(known.map((key) => [`GITHUB_${key.toUpperCase()}`, String(github[key])])),
  };
}

function runnerVariables(job: JobState): Readonly<Record<string, string>> {
  const context = Object.entries(job.contexts['runner'] as Record<string, string>);
  return {
    ...Object.fromEntries(context.map(([key, value]) => [`RUNNER_${key.toUpperCase()}`, value])),
    RUNNER_WORKSPACE: job.folders.root,
  };
}

function oidcVariables({ access }: JobState): Readonly<Record<string, string>> {
  if (!access.oidc) return {};
  return { ACTIONS_ID_TOKEN_REQUEST_URL: access.oidc.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: access.oidc.token };
}
