/** What a person has seen before a merge: the plan in the pull request. */
export interface Review {
  readonly pullRequest?: number;
  /** Labels of the pull request. */
  readonly labels: readonly string[];
  /** Stack -> hash of the synthesized JSON that was planned. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** Nobody has seen anything: a push without a pull request, or a run by hand. */
export const NO_REVIEW: Review = { labels: [], hashes: new Map() };

const MARK = /<!-- slipway-plan ([\w=;.-]*) -->/;

/** Finds our comment among all others; GitHub shows no HTML comments. */
export const PLAN_MARKER = '<!-- slipway-plan ';

/** The line of the comment in which the hashes of what was planned travel to the deployment. */
export const reviewMark = (hashes: ReadonlyMap<string, string>): string =>
  `${PLAN_MARKER}${[...hashes].map(([stack, hash]) => `${stack}=${hash}`).join(';')} -->`;

/** Reads the hashes out of a comment; empty when it is not ours. */
export function readReviewMark(comment: string): ReadonlyMap<string, string> {
  const pairs = (MARK.exec(comment)?.[1] ?? '').split(';').map((pair) => pair.split('='));
  return new Map(pairs.flatMap(([stack = '', hash = '']) => (stack && hash ? [[stack, hash] as const] : [])));
}

/** Whether a stack is what was reviewed. */
export function compareReview({ hashes }: Review, stack: string, hash: string | undefined): 'yes' | 'no' | 'differs' {
  const planned = hashes.get(stack);
  if (planned === undefined) return 'no';
  return planned === hash ? 'yes' : 'differs';
}
