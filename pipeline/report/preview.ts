import { code, list, paragraphs, plain, seconds, shortCommit } from './markdown.ts';

/** Finds our comment among all others; GitHub shows no HTML comments. */
export const previewMarker = (number: number): string => `<!-- slipway-preview:${number} -->`;

export interface PreviewFacts {
  readonly number: number;
  readonly commit: string;
  readonly url: string;
  /** Services that this pull request changes. */
  readonly changed: readonly string[];
  readonly seconds: number;
  readonly expires: string;
  /** Link to the run. */
  readonly run: string;
}

/** The one comment of a pull request, kept up to date. */
export function openComment(facts: PreviewFacts): string {
  return paragraphs(
    previewMarker(facts.number),
    `### Preview: ${facts.url}`,
    list([
      `commit ${shortCommit(facts.commit)}, ready after ${seconds(facts.seconds)} ([run](${facts.run}))`,
      `differs from staging in: ${facts.changed.map(code).join(', ') || 'nothing'}`,
      "tables are its own and empty; buckets are staging's, written below a prefix of its own",
      `is destroyed when the pull request is closed, or on ${facts.expires} without another push`,
    ]),
  );
}

export function failedComment(facts: Pick<PreviewFacts, 'number' | 'commit' | 'run'>, report: string): string {
  return paragraphs(
    previewMarker(facts.number),
    `### Preview of ${shortCommit(facts.commit)} failed`,
    report,
    `[Run](${facts.run})`,
  );
}

export function closedComment(number: number, left: readonly string[]): string {
  return paragraphs(
    previewMarker(number),
    '### Preview destroyed',
    left.length === 0 ? 'Nothing of it is left.' : `Left behind; the sweep tries again:\n\n${list(left.map(plain))}`,
  );
}
