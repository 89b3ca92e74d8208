// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { evaluate } from './evaluate.ts';
import { matchesPatterns } from './patterns.ts';
import { renderCondition, renderMap, renderText, renderValue, segments } from './template.ts';

const scope = { contexts: { github: { sha: 'SHA', event: { list: [1, 2] } }, env: { A: 'x' }, steps: {} } };

describe('expressions', () => {
  test('un-escape every pair of quotes in a string, not only the first', () => {
    expect(evaluate("format('echo ''a'' ''b'' {0}', github.sha)", scope)).toBe("echo 'a' 'b' SHA");
  });

  test.each([
    ['github.event.list[1]', 2],
    ['github.nothing.at.all', null],
    ["contains(github.sha, 'h')", true],
    ['fromJSON(\'{"a":[true]}\').a[0]', true],
    ["github.sha == 'sha' && 'yes' || 'no'", 'yes'],
    ['toJSON(github.event.list)', '[\n  1,\n  2\n]'],
    ['inputs.x', null],
  ])('%s', (expression, value) => {
    expect(evaluate(expression, scope)).toEqual(value);
  });

  test('say what is wrong with them', () => {
    expect(() => evaluate('github.sha ==', scope)).toThrow(/end/i);
    expect(() => evaluate("fromJSON('{')", scope)).toThrow();
    expect(() => renderText('a ${{ github.sha', scope)).toThrow('not closed');
  });
});

describe('templates', () => {
  test('split at expressions, not at braces within their strings', () => {
    expect(segments("a ${{ '}}' }} b ${{ x }}")).toEqual([
      { text: 'a ' },
      { expression: "'}}'" },
      { text: ' b ' },
      { expression: 'x' },
    ]);
  });

  test('keep the type of a single expression and make text of anything else', () => {
    expect(renderValue({ a: '${{ github.event.list }}', b: ['${{ github.sha }}!'], c: 3 }, scope)).toEqual({
      a: [1, 2],
      b: ['SHA!'],
      c: 3,
    });
    expect(renderMap({ A: true, B: 1.5, C: null, D: '${{ github.sha }}' }, scope)).toEqual({
      A: 'true',
      B: '1.5',
      C: '',
      D: 'SHA',
    });
  });

  test.each([
    ['', true],
    ["github.sha == 'SHA'", true],
    ["${{ github.sha == 'other' }}", false],
    // Text around an expression makes a string, which is always true: a classic trap on GitHub as well.
    ["${{ github.sha }} == 'other'", true],
    ['false', false],
    [false, false],
    ['failure()', false],
    ['!failure()', true],
  ])('if: %s', (condition, holds) => {
    expect(renderCondition(condition, scope)).toBe(holds);
  });

  test('a condition without status function does not hold after a failure', () => {
    const status = { success: () => false, failure: () => true, cancelled: () => false };
    expect(renderCondition("github.sha == 'SHA'", { ...scope, status })).toBe(false);
    expect(renderCondition("always() && github.sha == 'SHA'", { ...scope, status })).toBe(true);
  });
});

test.each([
  [['main'], 'main', true],
  [['releases/*'], 'releases/a/b', false],
  [['releases/**'], 'releases/a/b', true],
  [['**', '!docs/**'], 'docs/a.md', false],
  [['**/*.ts'], 'a.ts', true],
  [['v[0-9]+.x'], 'v12.x', true],
  [['*.md', '!README.md', 'README.md'], 'README.md', true],
])('filter %j on %s', (patterns, value, matches) => {
  expect(matchesPatterns(patterns, value)).toBe(matches);
});
