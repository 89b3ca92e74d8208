import { Parser } from '@actions/expressions';
import {
  Binary,
  ContextAccess,
  type Expr,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Unary,
} from '@actions/expressions/ast';
import { CONTEXTS, lex } from './evaluate.ts';

const FUNCTIONS = ['success', 'failure', 'always', 'cancelled', 'hashFiles'];

/**
 * The values that an expression reads, as lower-case paths: `github.event.issue.title`. An index that is not a literal
 * is `*`; `toJSON(github.event)` reads `github.event`.
 * @throws Error when the expression is malformed.
 */
export function referencesOf(expression: string): readonly string[] {
  const functions = FUNCTIONS.map((name) => ({ name, minArgs: 0, maxArgs: 255 }));
  return references(new Parser(lex(expression), CONTEXTS, functions).parse());
}

function references(node: Expr): readonly string[] {
  const path = pathOf(node);
  if (path !== undefined) return [path.toLowerCase()];
  if (node instanceof IndexAccess) return [...references(node.expr), ...references(node.index)];
  if (node instanceof FunctionCall || node instanceof Logical) return node.args.flatMap(references);
  if (node instanceof Binary) return [...references(node.left), ...references(node.right)];
  if (node instanceof Unary) return references(node.expr);
  return node instanceof Grouping ? references(node.group) : [];
}

function pathOf(node: Expr): string | undefined {
  if (node instanceof ContextAccess) return node.name.lexeme;
  if (!(node instanceof IndexAccess)) return undefined;
  const path = pathOf(node.expr);
  if (path === undefined) return undefined;
  return `${path}.${node.index instanceof Literal ? node.index.literal.coerceString() : '*'}`;
}
