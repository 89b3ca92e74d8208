import { callsStatusFunction, evaluate, evaluateText, isTruthy, type Scope, textOf } from './evaluate.ts';

type Segment = { readonly text: string } | { readonly expression: string };

/**
 * Splits `a ${{ x }} b` into text and expressions. Done here because GitHub's parser hands back multi-line strings with
 * expressions as raw YAML source; quotes inside an expression are respected.
 * @throws Error when an expression is not closed.
 */
export function segments(template: string): readonly Segment[] {
  const found: Segment[] = [];
  let position = 0;
  for (;;) {
    const start = template.indexOf('${{', position);
    if (start < 0) break;
    const end = endOfExpression(template, start + 3);
    if (end < 0) throw new Error(`The expression is not closed: ${template.slice(start, start + 80)}`);
    if (start > position) found.push({ text: template.slice(position, start) });
    found.push({ expression: template.slice(start + 3, end).trim() });
    position = end + 2;
  }
  if (position < template.length) found.push({ text: template.slice(position) });
  return found;
}

function endOfExpression(template: string, from: number): number {
  let quoted = false;
  for (let index = from; index < template.length; index++) {
    if (template[index] === "'") quoted = !quoted;
    else if (!quoted && template.startsWith('}}', index)) return index;
  }
  return -1;
}

/** A YAML value as a string with its expressions replaced; null and undefined give ''. */
export function renderText(value: unknown, scope: Scope): string {
  if (typeof value !== 'string') return textOf(value);
  return segments(value)
    .map((segment) => ('text' in segment ? segment.text : evaluateText(segment.expression, scope)))
    .join('');
}

/** A YAML value with expressions replaced; a string that is one expression becomes that expression's value, of any type. */
export function renderValue(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const [only, ...others] = segments(value);
    return only && 'expression' in only && others.length === 0
      ? evaluate(only.expression, scope)
      : renderText(value, scope);
  }
  if (Array.isArray(value)) return value.map((item) => renderValue(item, scope));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [renderText(key, scope), renderValue(item, scope)]),
    );
  }
  return value;
}

/** A YAML mapping (or an expression that yields one) as strings: `env`, `with`, `secrets`. */
export function renderMap(value: unknown, scope: Scope): Record<string, string> {
  const map = typeof value === 'string' ? renderValue(value, scope) : value;
  if (typeof map !== 'object' || map === null) return {};
  return Object.fromEntries(
    Object.entries(map).map(([key, item]) => [renderText(key, scope), renderText(item, scope)]),
  );
}

/** A YAML value that must come out as a number, `fallback` when absent. */
export function renderNumber(value: unknown, fallback: number, scope: Scope): number {
  const rendered = renderValue(value, scope);
  if (rendered === undefined || rendered === null || rendered === '') return fallback;
  const number = Number(rendered);
  if (Number.isNaN(number)) throw new Error(`'${String(rendered)}' is not a number`);
  return number;
}

/** Decides an `if`. Without a status function the condition means `success() && (...)`; empty means `success()`. */
export function renderCondition(condition: unknown, scope: Scope): boolean {
  const expression = conditionExpression(condition);
  const guarded = callsStatusFunction(expression) ? expression : `success() && (${expression})`;
  return isTruthy(evaluate(guarded, scope));
}

/** `if` takes an expression with or without `${{ }}`; text around one makes a (always true) string, as on GitHub. */
function conditionExpression(condition: unknown): string {
  if (condition === undefined || condition === null || condition === '') return 'success()';
  if (typeof condition !== 'string') return String(condition);
  const parts = segments(condition);
  const [only] = parts;
  if (parts.every((part) => 'text' in part)) return condition;
  if (only && 'expression' in only && parts.length === 1) return only.expression;
  const expressions = parts.flatMap((part) => ('expression' in part ? [part.expression] : []));
  let index = 0;
  const format = parts
    .map((part) => ('text' in part ? part.text.replaceAll(/[{}]/g, '$&$&').replaceAll("'", "''") : `{${index++}}`))
    .join('');
  return `format('${format}', ${expressions.join(', ')})`;
}
