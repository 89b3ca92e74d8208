/** Text from outside inside a table cell or a sentence: shown as it is, never as markup. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\\|*_<>`~#[\]]/g, (character) => `\\${character}`)
    .replaceAll('@', '@\u200b');

/** A code span; the fence grows with the backticks inside. */
export function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${text.replaceAll(/[\r\n]+/g, ' ').replaceAll('|', '\\|')}${pad}${fence}`;
}

export function codeBlock(lines: readonly string[]): string {
  const longest = Math.max(2, ...(lines.join('\n').match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence].join('\n');
}

/** Cells are Markdown already. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Paragraphs; empty ones are left out. */
export const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`;

export const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');
export const seconds = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)} s`);
export const shortCommit = (commit: string): string => code(commit.slice(0, 7));
export const shortDigest = (digest: string): string => code(digest.replace('sha256:', '').slice(0, 12));

/** Bytes for people: 1 MB = 1,000,000 bytes. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
