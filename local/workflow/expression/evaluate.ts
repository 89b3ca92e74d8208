import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { TokenType } from '@actions/expressions/lexer';

/** What an expression may read: contexts by name, and the functions that the place where it stands provides. */
export interface Scope {
  readonly contexts: Readonly<Record<string, unknown>>;
  /** The state that `success()`, `failure()` and `cancelled()` ask about; absent = nothing has failed. */
  readonly status?: StatusFunctions;
  /** Folder that `hashFiles` searches; absent = the function fails. */
  readonly hashFiles?: (patterns: readonly string[]) => string;
}

export interface StatusFunctions {
  readonly success: () => boolean;
  readonly failure: () => boolean;
  readonly cancelled: () => boolean;
}

/** The evaluator crashes on a context that it was not given, so all of GitHub's are always there. */
export const CONTEXTS = [
  'github',
  'inputs',
  'vars',
  'needs',
  'strategy',
  'matrix',
  'secrets',
  'steps',
  'job',
  'runner',
  'env',
  'jobs',
];
const STATUS_FUNCTIONS = new Set(['success', 'failure', 'cancelled', 'always']);

/**
 * Evaluates one expression (without `${{ }}`) with GitHub's own evaluator and returns a JSON value.
 * @throws Error with GitHub's message when the expression is malformed or cannot be evaluated.
 */
export function evaluate(expression: string, scope: Scope): unknown {
  return toJson(evaluateData(expression, scope));
}

/** Evaluates one expression and converts the result to a string as GitHub does (`true`, `''` for null, `Object`). */
export function evaluateText(expression: string, scope: Scope): string {
  return evaluateData(expression, scope).coerceString();
}

/** A JSON value as GitHub writes it into a string. */
export function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : fromJson(value).coerceString();
}

/** True for everything but null, false, 0, NaN and the empty string. */
export function isTruthy(value: unknown): boolean {
  return !(
    value === null ||
    value === undefined ||
    value === false ||
    value === 0 ||
    value === '' ||
    Number.isNaN(value)
  );
}

/** True if the expression calls `success`, `failure`, `cancelled` or `always`. */
export function callsStatusFunction(expression: string): boolean {
  const tokens = lex(expression);
  return tokens.some(
    (token, index) =>
      STATUS_FUNCTIONS.has(token.lexeme.toLowerCase()) && tokens[index + 1]?.type === TokenType.LEFT_PAREN,
  );
}

function evaluateData(expression: string, scope: Scope): data.ExpressionData {
  const functions = functionsOf(scope);
  const tokens = lex(expression);
  const tree = new Parser(tokens, CONTEXTS, [...functions.values()]).parse();
  const named = new Set(tokens.map((token) => token.lexeme.toLowerCase()));
  const contexts = new data.Dictionary();
  for (const name of CONTEXTS) contexts.add(name, fromJson(named.has(name) ? (scope.contexts[name] ?? {}) : {}));
  return new Evaluator(tree, contexts, functions).evaluate();
}

/**
 * GitHub's lexer (0.3.61) un-escapes only the first `''` of a string literal, which corrupts every script that has two
 * single quotes in a `format(...)`. The token's own text still has them all.
 */
export function lex(expression: string) {
  const { tokens } = new Lexer(expression).lex();
  for (const token of tokens) {
    if (token.type === TokenType.STRING) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
  }
  return tokens;
}

function functionsOf({ status, hashFiles }: Scope): Map<string, FunctionDefinition> {
  const flag = (name: string, value: () => boolean): [string, FunctionDefinition] => [
    name,
    { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value()) },
  ];
  return new Map([
    flag('always', () => true),
    flag('success', () => status?.success() ?? true),
    flag('failure', () => status?.failure() ?? false),
    flag('cancelled', () => status?.cancelled() ?? false),
    [
      'hashfiles',
      {
        name: 'hashFiles',
        minArgs: 1,
        maxArgs: 255,
        call: (...patterns) => {
          if (!hashFiles) throw new Error('hashFiles() is not available here: it needs the workspace of a job');
          return new data.StringData(hashFiles(patterns.map((pattern) => pattern.coerceString())));
        },
      },
    ],
  ]);
}

function fromJson(value: unknown): data.ExpressionData {
  return value === undefined
    ? new data.Null()
    : (JSON.parse(JSON.stringify(value), data.reviver) as data.ExpressionData);
}

function toJson(value: data.ExpressionData): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer));
}
