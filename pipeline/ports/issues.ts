import type { Commit } from './commit.ts';

export interface StickyIssue {
  /** First line of its body: finds it again. */
  readonly marker: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

export interface OpenedIssue {
  readonly number: number;
  readonly url: string;
}

/** Issues of the repository, one for each marker, and what they are about. */
export interface Issues {
  /** Opens the issue, or brings the open one up to date. */
  upsert(issue: StickyIssue): Promise<OpenedIssue>;
  /** Closes it with a comment, if it is open. */
  close(marker: string, comment: string): Promise<OpenedIssue | undefined>;
  comment(number: number, body: string): Promise<void>;
  /** The newest commits of the default branch that `base` does not contain, newest first, and how many there are. */
  commitsSince(base: string): Promise<{ readonly commits: readonly Commit[]; readonly total: number }>;
  /** The commit that a pull request was merged with. */
  mergeCommit(number: number): Promise<string | undefined>;
  /** Who approved this run in GitHub's own environment, and for which. */
  reviews(run: number): Promise<readonly Review[]>;
  mayWrite(login: string): Promise<boolean>;
  dispatch(workflow: string, inputs: Readonly<Record<string, string>>): Promise<void>;
}

export interface Review {
  readonly environments: readonly string[];
  readonly by: string;
  readonly approved: boolean;
}
