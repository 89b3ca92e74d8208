/** The edits that the story's commits make. Pure: text in, text out; an edit that finds nothing to change is a bug. */

/** File that both commits of the story edit: it turns the model's raw output into the answer. */
export const EDITED_FILE = 'services/inference/src/postprocess.ts';

const DECIMALS = /export const DECIMALS = (\d);/;

/** The pull request's change: predictions are rounded to another number of decimals. */
export function roundDifferently(source: string): { readonly text: string; readonly decimals: number } {
  const current = DECIMALS.exec(source);
  if (!current) throw new Error(`${EDITED_FILE} has no line that matches ${DECIMALS}`);
  const decimals = current[1] === '1' ? 2 : 1;
  return { text: source.replace(DECIMALS, `export const DECIMALS = ${decimals};`), decimals };
}

/** The bad commit: the service starts and is healthy, but every prediction is negative and a hundred times too large. */
export function answerWrongly(source: string): string {
  const wrong = source.replace(/return (.+);\n}\s*$/, 'return -100 * ($1);\n}\n');
  if (wrong === source) throw new Error(`${EDITED_FILE} does not end with a return statement that can be broken`);
  return wrong;
}

/** Rounds as the changed service does. */
export function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}
