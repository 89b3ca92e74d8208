import type { Issuer } from './oidc/issuer.ts';
import type { State } from './state/state.ts';
import type { Tokens } from './state/tokens.ts';
import type { GitHubCloud, GitHubEvent, GitHubOptions } from './types.ts';

/** What the parts of the local GitHub share. */
export interface Site {
  readonly cloud: GitHubCloud;
  readonly options: GitHubOptions;
  readonly state: State;
  readonly tokens: Tokens;
  readonly issuer: Issuer;
  /** Address of API, OIDC issuer and (in links) the web pages. */
  readonly url: string;
  /** Bare repository. */
  readonly folder: string;
  readonly emit: (event: GitHubEvent) => void;
}

/** Ids of the one repository and its owner. */
export const REPOSITORY_ID = 1_000_001;
export const OWNER_ID = 1001;
export const ACTOR_ID = 2001;
/** Login of whoever works on this machine, and of workflows that act with GITHUB_TOKEN. */
export const DEVELOPER_LOGIN = 'developer';
export const BOT_LOGIN = 'github-actions[bot]';

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+/, '');
