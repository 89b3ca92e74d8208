import { invalid } from './groups.ts';

type Matcher = (message: string) => boolean;

/**
 * CloudWatch's filter patterns: terms (`ERROR timeout`), phrases (`"not found"`), exclusions (`-debug`), alternatives (`?a ?b`), regular
 * expressions (`%\d+%`) and JSON conditions joined by `&&` or `||` (`{ $.level = "error" && $.status >= 500 }`). Other patterns are refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function compilePattern(pattern: string | undefined): Matcher {
  const text = pattern?.trim() ?? '';
  if (text === '') return () => true;
  if (text.startsWith('['))
    throw invalid('Space-delimited filter patterns ([...]) are not supported by the local cloud.');
  return text.startsWith('{') ? jsonMatcher(text) : termMatcher(text);
}

function termMatcher(text: string): Matcher {
  const terms = [...text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|(\S+))/g)].map(
    ([, sign, phrase, regex, word]) => ({
      sign,
      matches: regex ? regexMatcher(regex) : includes(phrase?.replaceAll(/\\(.)/g, '$1') ?? word ?? ''),
    }),
  );
  const required = terms.filter(({ sign }) => sign === '');
  const excluded = terms.filter(({ sign }) => sign === '-');
  const optional = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    required.every(({ matches }) => matches(message)) &&
    !excluded.some(({ matches }) => matches(message)) &&
    (required.length > 0 || optional.length === 0 || optional.some(({ matches }) => matches(message)));
}

function includes(term: string): Matcher {
  return (message) => message.includes(term);
}

function regexMatcher(source: string): Matcher {
  try {
    const expression = new RegExp(source);
    return (message) => expression.test(message);
  } catch {
    throw invalid(`Invalid regular expression in filter pattern: ${source}`);
  }
}

function jsonMatcher(text: string): Matcher {
  const inner = /^\{(.*)\}$/s.exec(text)?.[1];
  if (inner === undefined || /[()]/.test(inner)) throw invalid('Invalid or unsupported JSON filter pattern.');
  const alternatives = inner.split('||').map((all) => all.split('&&').map(condition));
  return (message) => {
    const document = parse(message);
    return document !== undefined && alternatives.some((conditions) => conditions.every((holds) => holds(document)));
  };
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function condition(text: string): (document: unknown) => boolean {
  const [, path = '', operator = '', quoted, bare = ''] =
    /^\s*\$((?:\.\w+|\[\d+\])+)\s*(=|!=|<=|>=|<|>|IS NULL|EXISTS|NOT EXISTS)\s*(?:"([^"]*)"|(\S*))\s*$/.exec(text) ??
    [];
  if (!path) throw invalid(`Invalid or unsupported condition in filter pattern: ${text.trim()}`);
  const wanted = quoted ?? bare;
  return (document) => compare(select(document, path), operator, wanted);
}

function select(document: unknown, path: string): unknown {
  let value = document;
  for (const [, name, index] of path.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name ?? index ?? ''];
  }
  return value;
}

function compare(actual: unknown, operator: string, wanted: string): boolean {
  if (operator === 'EXISTS') return actual !== undefined;
  if (operator === 'NOT EXISTS') return actual === undefined;
  if (operator === 'IS NULL') return actual === null;
  if (operator === '=') return actual !== undefined && wildcard(wanted).test(String(actual));
  if (operator === '!=') return actual !== undefined && !wildcard(wanted).test(String(actual));
  const [left, right] = [Number(actual), Number(wanted)];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function wildcard(text: string): RegExp {
  return new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
}
