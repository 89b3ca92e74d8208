import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerWrongly, EDITED_FILE, roundDifferently, rounded } from './edit.ts';

const source = readFileSync(join(import.meta.dirname, '../../..', EDITED_FILE), 'utf8');

test('the edits fit the file as it is', () => {
  const edit = roundDifferently(source);
  expect(edit.text).not.toBe(source);
  expect(edit.text).toContain(`export const DECIMALS = ${edit.decimals};`);
  expect(answerWrongly(source)).toContain('return -100 * (');
});

test('playing the story twice changes the file twice', () => {
  const once = roundDifferently(source);
  const twice = roundDifferently(once.text);
  expect(twice.text).not.toBe(once.text);
});

test('a file that the edits do not fit is named', () => {
  expect(() => roundDifferently('nothing')).toThrow(EDITED_FILE);
  expect(() => answerWrongly('nothing')).toThrow(EDITED_FILE);
});

test.each([
  [28.3417, 1, 28.3],
  [28.3417, 2, 28.34],
])('%d rounded to %d is %d', (value, decimals, expected) => expect(rounded(value, decimals)).toBe(expected));
