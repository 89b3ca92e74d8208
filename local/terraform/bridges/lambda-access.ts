import { randomUUID } from 'node:crypto';
import { absentOn } from '../engine/context.ts';
import type { Backend, ResourceDefinition } from '../engine/definition.ts';
import type { Equivalence } from '../engine/equal.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { requireText, text, type Values } from '../schema/value.ts';
import { changed, orNull } from './common.ts';
import { invokeArn } from './lambda-function-shape.ts';
import { shapeOf } from './shape.ts';

const SERVICE = 'lambda';
const GONE = ['ResourceNotFoundException'];

interface Alias {
  readonly AliasArn: string;
  readonly Name: string;
}

const aliasShape = shapeOf('aws_lambda_alias', { style: 'pascal' });
const ALIAS = ['description', 'function_version', 'routing_config'];
const aliasKey = (values: Values) => ({
  FunctionName: requireText(values, 'function_name'),
  Name: requireText(values, 'name'),
});

const aliasBackend: Backend = {
  async create(planned, context) {
    const input = { ...aliasKey(planned), ...aliasShape.toSdk(planned, ALIAS) };
    const { AliasArn } = await context.call<Alias>(SERVICE, 'CreateAlias', input);
    return { id: AliasArn };
  },
  async read(state, context) {
    const alias = await absentOn(GONE, () => context.call<Alias>(SERVICE, 'GetAlias', aliasKey(state)));
    if (!alias) return undefined;
    const { AliasArn: arn } = alias;
    return { ...aliasShape.fromSdk(alias, ALIAS), id: arn, arn, name: alias.Name, invoke_arn: invokeArn(context, arn) };
  },
  // Only what changed: a release may be moving the alias at this moment.
  async update(prior, planned, context) {
    const names = ALIAS.filter((name) => changed(prior, planned, [name]));
    const cleared = {
      ...(names.includes('description') ? { Description: '' } : {}),
      ...(names.includes('routing_config') ? { RoutingConfig: { AdditionalVersionWeights: {} } } : {}),
    };
    await context.call(SERVICE, 'UpdateAlias', { ...aliasKey(prior), ...cleared, ...aliasShape.toSdk(planned, names) });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteAlias', aliasKey(state)));
  },
  importState(id) {
    const [function_name, name] = id.split('/');
    if (!function_name || !name)
      throw new ProviderError(`unexpected format of id (${id})`, 'Use <function name>/<alias>.');
    return { id, function_name, name };
  },
};

const functionNameOf = (value: unknown): string => /function:([^:]+)/.exec(String(value))?.[1] ?? String(value);
const sameFunction: Equivalence = (left, right) => functionNameOf(left) === functionNameOf(right);

export const lambdaAlias: ResourceDefinition = {
  backend: aliasBackend,
  forceNew: ['function_name', 'name'],
  equivalent: { function_name: sameFunction },
};

interface Statement {
  readonly Sid: string;
  readonly Action: string;
  readonly Principal: string | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const permissionShape = shapeOf('aws_lambda_permission', {
  style: 'pascal',
  rename: { principal_org_id: 'PrincipalOrgID' },
});
const PERMISSION = [
  'action',
  'event_source_token',
  'function_name',
  'function_url_auth_type',
  'principal',
  'principal_org_id',
  'qualifier',
  'source_account',
  'source_arn',
];
const permissionTarget = (values: Values) => ({
  FunctionName: requireText(values, 'function_name'),
  Qualifier: text(values, 'qualifier'),
});

const permissionBackend: Backend = {
  async create(planned, context) {
    const prefix = text(planned, 'statement_id_prefix') ?? 'terraform-';
    const StatementId = text(planned, 'statement_id') ?? `${prefix}${randomUUID()}`;
    await context.call(SERVICE, 'AddPermission', { ...permissionShape.toSdk(planned, PERMISSION), StatementId });
    return { id: StatementId, statement_id: StatementId };
  },
  async read(state, context) {
    const input = permissionTarget(state);
    const answer = await absentOn(GONE, () => context.call<{ Policy?: string }>(SERVICE, 'GetPolicy', input));
    if (!answer?.Policy) return undefined;
    const { Statement: statements } = JSON.parse(answer.Policy) as { Statement: Statement[] };
    const statement = statements.find(({ Sid }) => Sid === requireText(state, 'id'));
    return statement && permissionAttributes(statement);
  },
  async update() {
    return {};
  },
  async delete(state, context) {
    const input = { ...permissionTarget(state), StatementId: requireText(state, 'id') };
    await absentOn(GONE, () => context.call(SERVICE, 'RemovePermission', input));
  },
  importState(id) {
    const [target = '', statement_id] = id.split('/');
    const [function_name, qualifier = null] = target.split(':');
    if (!function_name || !statement_id) {
      throw new ProviderError(`unexpected format of id (${id})`, 'Use <function name>[:<qualifier>]/<statement id>.');
    }
    return { id: statement_id, statement_id, function_name, qualifier };
  },
};

function permissionAttributes({ Sid, Action, Principal, Condition = {} }: Statement): Values {
  const conditions = Object.assign({}, ...Object.values(Condition)) as Record<string, string>;
  const condition = (key: string) =>
    orNull(Object.entries(conditions).find(([name]) => name.toLowerCase() === key)?.[1]);
  return {
    statement_id: Sid,
    action: Action,
    principal: typeof Principal === 'string' ? Principal : (Principal.Service ?? Principal.AWS ?? ''),
    source_arn: condition('aws:sourcearn'),
    source_account: condition('aws:sourceaccount'),
  };
}

export const lambdaPermission: ResourceDefinition = {
  backend: permissionBackend,
  forceNew: [...PERMISSION, 'statement_id', 'statement_id_prefix'],
  equivalent: { function_name: sameFunction },
};
