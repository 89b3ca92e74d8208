export interface Commit {
  readonly sha: string;
  /** First line of its message. */
  readonly title: string;
  readonly author: string;
  readonly url: string;
}
