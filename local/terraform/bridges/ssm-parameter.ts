import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { exactlyOne } from '../engine/validate.ts';
import { requireText, text, UNKNOWN, type Values } from '../schema/value.ts';
import { changed, changeTags, orNull, tagList, tagsFrom } from './common.ts';

const SERVICE = 'ssm';
const ANSWERED = [
  'allowed_pattern',
  'data_type',
  'description',
  'insecure_value',
  'key_id',
  'tier',
  'type',
  'value',
  'value_wo_version',
];

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly ARN: string;
  readonly DataType?: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly Tier?: string;
  readonly KeyId?: string;
}

const backend: Backend = {
  async create(planned, context, config) {
    const overwrite = planned['overwrite'] === true;
    // Tags cannot be given together with Overwrite.
    await put(planned, config, context, overwrite ? { Overwrite: true } : { Tags: tagList(planned) });
    return { id: requireText(planned, 'name') };
  },
  async complete(created, context) {
    if (created['overwrite'] === true) await tag({}, created, context);
  },
  async read(state, context) {
    const Name = requireText(state, 'id');
    const answer = await absentOn(['ParameterNotFound'], () =>
      context.call<{ Parameter: Parameter }>(SERVICE, 'GetParameter', { Name, WithDecryption: true }),
    );
    if (!answer) return undefined;
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [Name] }];
    const described = await context.call<{ Parameters?: Parameter[] }>(SERVICE, 'DescribeParameters', {
      ParameterFilters,
    });
    const tags = await context.call<{ TagList?: { Key: string; Value: string }[] }>(SERVICE, 'ListTagsForResource', {
      ResourceType: 'Parameter',
      ResourceId: Name,
    });
    return attributes(state, { ...described.Parameters?.[0], ...answer.Parameter }, tagsFrom(tags.TagList));
  },
  async update(prior, planned, context, config) {
    if (changed(prior, planned, ANSWERED)) await put(planned, config, context, { Overwrite: true });
    await tag(prior, planned, context);
    return {};
  },
  async delete(state, context) {
    await absentOn(['ParameterNotFound'], () =>
      context.call(SERVICE, 'DeleteParameter', { Name: requireText(state, 'id') }),
    );
  },
};

async function put(planned: Values, config: Values, context: Context, options: object): Promise<void> {
  const value = [planned['value'], planned['insecure_value'], config['value_wo']].find(
    (item) => typeof item === 'string',
  );
  await context.call(SERVICE, 'PutParameter', {
    Name: requireText(planned, 'name'),
    Type: requireText(planned, 'type'),
    Value: value ?? '',
    Description: text(planned, 'description'),
    AllowedPattern: text(planned, 'allowed_pattern'),
    DataType: text(planned, 'data_type'),
    Tier: text(planned, 'tier'),
    KeyId: planned['type'] === 'SecureString' ? text(planned, 'key_id') : undefined,
    ...options,
  });
}

const tag = (prior: Values, planned: Values, context: Context): Promise<void> => {
  const resource = { ResourceType: 'Parameter', ResourceId: requireText(planned, 'name') };
  return changeTags(prior, planned, {
    set: (Tags) => context.call(SERVICE, 'AddTagsToResource', { ...resource, Tags }),
    remove: (TagKeys) => context.call(SERVICE, 'RemoveTagsFromResource', { ...resource, TagKeys }),
  });
};

function attributes(state: Values, parameter: Parameter, tags_all: Values): Values {
  const isInsecure = typeof state['insecure_value'] === 'string' && parameter.Type !== 'SecureString';
  const isWriteOnly = typeof state['value_wo_version'] === 'number';
  return {
    name: parameter.Name,
    arn: parameter.ARN,
    type: parameter.Type,
    version: parameter.Version,
    value: isWriteOnly ? null : parameter.Value,
    insecure_value: isInsecure ? parameter.Value : null,
    description: orNull(parameter.Description),
    allowed_pattern: orNull(parameter.AllowedPattern),
    data_type: parameter.DataType ?? 'text',
    tier: parameter.Tier ?? 'Standard',
    key_id: orNull(parameter.KeyId),
    has_value_wo: isWriteOnly,
    tags_all,
  };
}

export const ssmParameter: ResourceDefinition = {
  backend,
  forceNew: ['name', 'data_type'],
  // The service cannot take an advanced parameter back to the standard tier.
  replaces: (prior, planned) => (prior['tier'] === 'Advanced' && planned['tier'] === 'Standard' ? ['tier'] : []),
  oneOf: {
    type: ['String', 'StringList', 'SecureString'],
    tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
    data_type: ['text', 'aws:ec2:image', 'aws:ssm:integration'],
  },
  // Intelligent tiering is a wish; the service answers with the tier that it chose.
  equivalent: { tier: (left, right) => [left, right].includes('Intelligent-Tiering') },
  validate: (config) => exactlyOne(config, ['value', 'insecure_value', 'value_wo']),
  // A new value makes a new version; plain and insecure value are two names of the same thing.
  recomputed: { version: ANSWERED },
  adjustPlan(planned, prior, _context, config): Values {
    const isGiven = (name: string): boolean => (config[name] ?? null) !== null;
    if (isGiven('value_wo')) return { value: null, insecure_value: null };
    if (isGiven('value')) return { insecure_value: null };
    if (!isGiven('insecure_value') || !prior) return {};
    const isSame = prior['insecure_value'] === planned['insecure_value'];
    return isSame ? { value: prior['value'] ?? null } : { value: UNKNOWN };
  },
};
