import { createHash } from 'node:crypto';
import type { DataSource } from '../engine/definition.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { blocks, text, texts, type Values } from '../schema/value.ts';

interface Statement {
  readonly Sid?: string;
  readonly [element: string]: unknown;
}

interface Document {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement?: readonly Statement[] | Statement;
}

/**
 * `data.aws_iam_policy_document`: renders statements the way the real provider does, so that documents are the same to the
 * byte: lists of one become a string, longer lists are sorted backwards, statements of equal `sid` replace one another.
 */
export const policyDocument: DataSource = (config) => {
  const sources = texts(config, 'source_policy_documents').map((json) => parse(json, 'source_policy_documents'));
  const overrides = texts(config, 'override_policy_documents').map((json) => parse(json, 'override_policy_documents'));
  const own: Document = {
    Version: text(config, 'version') ?? '2012-10-17',
    ...(text(config, 'policy_id') ? { Id: text(config, 'policy_id') } : {}),
    Statement: blocks(config, 'statement').map((statement) => renderStatement(statement, text(config, 'version'))),
  };
  refuseDuplicates([...sources, own]);
  const { Version, Id, Statement } = [...sources, own, ...overrides].reduce(merge);
  const document = { ...(Version ? { Version } : {}), ...(Id ? { Id } : {}), ...(Statement ? { Statement } : {}) };
  const json = escapeLikeGo(JSON.stringify(document, undefined, 2));
  const minified = escapeLikeGo(JSON.stringify(document));
  const id = String(createHash('sha256').update(json).digest().readUInt32BE());
  const statement = blocks(config, 'statement').map((item) => ({ ...item, effect: text(item, 'effect') ?? 'Allow' }));
  return { id, json, minified_json: minified, version: Version ?? null, statement };
};

function renderStatement(statement: Values, version: string | undefined): Statement {
  const plain = { actions: 'Action', not_actions: 'NotAction', resources: 'Resource', not_resources: 'NotResource' };
  const lists = Object.entries(plain).flatMap(([name, element]) => {
    const values = texts(statement, name);
    return values.length > 0 ? [[element, oneOrMany(values.map((value) => interpolate(value, version)))] as const] : [];
  });
  const principals = { principals: 'Principal', not_principals: 'NotPrincipal' };
  const who = Object.entries(principals).flatMap(([name, element]) => {
    const rendered = renderPrincipals(blocks(statement, name));
    return rendered === undefined ? [] : [[element, rendered] as const];
  });
  const conditions = renderConditions(blocks(statement, 'condition'), version);
  return {
    ...(text(statement, 'sid') ? { Sid: text(statement, 'sid') } : {}),
    Effect: text(statement, 'effect') ?? 'Allow',
    ...Object.fromEntries([...lists, ...who]),
    ...(conditions ? { Condition: conditions } : {}),
  };
}

function renderPrincipals(principals: readonly Values[]): unknown {
  const [first] = principals;
  if (!first) return undefined;
  const identifiers = texts(first, 'identifiers');
  if (principals.length === 1 && text(first, 'type') === '*' && identifiers.join() === '*') return '*';
  const byType: Record<string, string[]> = {};
  for (const principal of principals) {
    const type = text(principal, 'type') ?? '';
    byType[type] = [...(byType[type] ?? []), ...texts(principal, 'identifiers')];
  }
  return Object.fromEntries(sorted(byType).map(([type, values]) => [type, oneOrMany(values)]));
}

function renderConditions(conditions: readonly Values[], version: string | undefined): unknown {
  const byTest: Record<string, Record<string, string[]>> = {};
  for (const condition of conditions) {
    const test = text(condition, 'test') ?? '';
    const variables = byTest[test] ?? {};
    byTest[test] = variables;
    const values = texts(condition, 'values').map((value) => interpolate(value, version));
    const variable = text(condition, 'variable') ?? '';
    variables[variable] = [...(variables[variable] ?? []), ...values];
  }
  if (conditions.length === 0) return undefined;
  const rendered = sorted(byTest).map(([test, variables]) => {
    const entries = sorted(variables).map(
      ([name, values]) => [name, values.length === 1 ? values[0] : values] as const,
    );
    return [test, Object.fromEntries(entries)] as const;
  });
  return Object.fromEntries(rendered);
}

// Go's JSON encoder writes these so that documents can stand in HTML.
const escapeLikeGo = (json: string): string =>
  json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);

const sorted = <Item>(record: Readonly<Record<string, Item>>): [string, Item][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

const oneOrMany = (values: readonly string[]): string | string[] =>
  values.length === 1 ? (values[0] ?? '') : [...values].sort().reverse();

// `&{aws:username}` stands for the policy variable `${aws:username}`, which Terraform would take for its own interpolation.
const interpolate = (value: string, version: string | undefined): string =>
  version === '2008-10-17' ? value : value.replaceAll('&{', '${');

function merge(left: Document, right: Document): Document {
  const statements = [...statementsOf(left)];
  for (const statement of statementsOf(right)) {
    const index = statement.Sid ? statements.findIndex((other) => other.Sid === statement.Sid) : -1;
    if (index >= 0) statements[index] = statement;
    else statements.push(statement);
  }
  const Id = right.Id ?? left.Id;
  return {
    Version: right.Version ?? left.Version,
    ...(Id ? { Id } : {}),
    ...(statements.length > 0 ? { Statement: statements } : {}),
  };
}

const statementsOf = (document: Document): readonly Statement[] => [document.Statement ?? []].flat() as Statement[];

function refuseDuplicates(documents: readonly Document[]): void {
  const seen = new Set<string>();
  for (const { Sid } of documents.flatMap(statementsOf)) {
    if (Sid && seen.has(Sid))
      throw new ProviderError(`duplicate Sid (${Sid})`, 'Statements of a policy document need different sids.', [
        'statement',
      ]);
    if (Sid) seen.add(Sid);
  }
}

function parse(json: string, attribute: string): Document {
  try {
    return JSON.parse(json) as Document;
  } catch (error) {
    throw new ProviderError(`${attribute}: invalid JSON: ${(error as Error).message}`, '', [attribute]);
  }
}
