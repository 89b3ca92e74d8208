import type { Issues, OpenedIssue, Review, StickyIssue } from '../ports/issues.ts';

interface FakeIssue extends StickyIssue {
  readonly opened: OpenedIssue;
  open: boolean;
}

/** Issues in memory. */
export class FakeIssues implements Issues {
  readonly all = new Map<number, FakeIssue>();
  readonly comments: { readonly number: number; readonly body: string }[] = [];
  readonly dispatched: { readonly workflow: string; readonly inputs: Readonly<Record<string, string>> }[] = [];
  readonly writers = new Set<string>();
  readonly merged = new Map<number, string>();
  readonly runReviews: Review[] = [];
  /** Commits of the default branch, oldest first. */
  main: readonly string[] = [];

  open(marker: string): FakeIssue | undefined {
    return [...this.all.values()].find((issue) => issue.open && issue.marker.includes(marker));
  }
  async upsert(issue: StickyIssue): Promise<OpenedIssue> {
    const number = this.open(issue.marker)?.opened.number ?? this.all.size + 1;
    const opened = { number, url: `https://github.test/acme/app/issues/${number}` };
    this.all.set(number, { ...issue, opened, open: true });
    return opened;
  }
  async close(marker: string, body: string): Promise<OpenedIssue | undefined> {
    const issue = this.open(marker);
    if (issue === undefined) return undefined;
    issue.open = false;
    this.comments.push({ number: issue.opened.number, body });
    return issue.opened;
  }
  async comment(number: number, body: string): Promise<void> {
    this.comments.push({ number, body });
  }
  async commitsSince(base: string) {
    const commits = this.main.slice(this.main.indexOf(base) + 1).toReversed();
    return {
      commits: commits.map((sha) => ({ sha, title: `change ${sha}`, author: 'ann', url: '' })),
      total: commits.length,
    };
  }
  async mergeCommit(number: number): Promise<string | undefined> {
    return this.merged.get(number);
  }
  async reviews(): Promise<readonly Review[]> {
    return this.runReviews;
  }
  async mayWrite(login: string): Promise<boolean> {
    return this.writers.has(login);
  }
  async dispatch(workflow: string, inputs: Readonly<Record<string, string>>): Promise<void> {
    this.dispatched.push({ workflow, inputs });
  }
}
