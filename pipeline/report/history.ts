import type { Entry } from '../release/ledger.ts';
import { plain, seconds, shortCommit, table } from './markdown.ts';

/** The newest lines of an environment's history, folded away below what somebody came for. */
export function historyReport(environment: string, entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  const rows = entries.map(({ at, kind, outcome, commit, actor, trigger, seconds: took, detail = '' }) => [
    at.slice(0, 19).replace('T', ' '),
    kind,
    outcome,
    commit === undefined ? '' : shortCommit(commit),
    `${plain(actor.split(' ')[0] ?? '')} (${trigger})`,
    seconds(took),
    plain(detail.length > 100 ? `${detail.slice(0, 100)}...` : detail),
  ]);
  const lines = table(['when (UTC)', 'what', 'outcome', 'commit', 'who', 'took', ''], rows);
  return `\n<details><summary>What happened to ${environment} lately</summary>\n\n${lines}\n\n</details>\n`;
}
