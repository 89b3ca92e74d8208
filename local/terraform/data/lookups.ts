import { createHash } from 'node:crypto';
import { absentOn } from '../engine/context.ts';
import type { Context, DataSource, ResourceRecord } from '../engine/definition.ts';
import { sameHost } from '../engine/equal.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { NAME_SERVERS } from '../resources/dns.ts';
import { requireText, text, textMap, type Values } from '../schema/value.ts';

/** Data sources that find one thing by its name. */
export const lookups: Readonly<Record<string, DataSource>> = {
  aws_ssm_parameter: async (config, context) => {
    const name = requireText(config, 'name');
    const input = { Name: name, WithDecryption: config['with_decryption'] !== false };
    const answer = await absentOn(['ParameterNotFound'], () =>
      context.call<ParameterAnswer>('ssm', 'GetParameter', input),
    );
    if (!answer) throw new ProviderError(`couldn't find SSM Parameter (${name})`, '', ['name']);
    const { Value, Type, ARN, Version } = answer.Parameter;
    return {
      id: name,
      arn: ARN,
      type: Type,
      value: Value,
      version: Version,
      insecure_value: Type === 'SecureString' ? null : Value,
      with_decryption: config['with_decryption'] ?? true,
    };
  },
  aws_ecr_repository: async (config, context) => {
    const name = requireText(config, 'name');
    const input = { repositoryNames: [name] };
    const answer = await absentOn(['RepositoryNotFoundException'], () =>
      context.call<RepositoryAnswer>('ecr', 'DescribeRepositories', input),
    );
    const found = answer?.repositories[0];
    if (!found) throw new ProviderError(`ECR Repository (${name}) not found`, '', ['name']);
    return {
      id: name,
      arn: found.repositoryArn,
      registry_id: found.registryId,
      repository_url: found.repositoryUri,
      image_tag_mutability: found.imageTagMutability ?? 'MUTABLE',
    };
  },
  aws_secretsmanager_secret: async (config, context) => {
    const SecretId = text(config, 'arn') ?? requireText(config, 'name');
    const found = await context.call<SecretAnswer>('secretsmanager', 'DescribeSecret', { SecretId });
    return {
      id: found.ARN,
      arn: found.ARN,
      name: found.Name,
      description: found.Description ?? '',
      kms_key_id: found.KmsKeyId ?? '',
    };
  },
  aws_route53_zone: hostedZone,
  aws_vpc: (config, context) => found(context, 'aws_vpc', config, ['id', 'cidr_block']),
  aws_iam_role: (config, context) => found(context, 'aws_iam_role', config, ['name']),
  aws_iam_policy: (config, context) => {
    const name = text(config, 'name') ?? text(config, 'arn') ?? '';
    if (name.startsWith('arn:aws:iam::aws:policy/'))
      return { id: name, arn: name, name: name.split('/').at(-1) ?? name };
    return found(context, 'aws_iam_policy', config, ['name', 'arn']);
  },
  aws_kms_alias: (config, context) => found(context, 'aws_kms_alias', config, ['name']),
  aws_security_group: (config, context) => found(context, 'aws_security_group', config, ['id', 'name', 'vpc_id']),
};

/**
 * A hosted zone that Terraform created, or else the zone of the domain asked for: it is registered by hand on AWS, and the local
 * cloud, which has no DNS, owns every domain.
 */
function hostedZone(config: Values, context: Context): Values {
  const name = text(config, 'name')?.replace(/\.$/, '');
  const isWanted = (zone: Values): boolean =>
    zone['id'] === config['zone_id'] || (name !== undefined && sameHost(zone['name'] ?? null, name));
  const zones = context.records('aws_route53_zone').entries();
  const known = zones.find(([, { attributes }]) => isWanted(attributes))?.[1].attributes;
  if (known) return { ...known, zone_id: known['id'] ?? null };
  if (!name) throw new ProviderError(`no Route53 zone ${text(config, 'zone_id') ?? ''}`, '', ['zone_id']);
  const id = `Z${createHash('sha256').update(name).digest('hex').slice(0, 20).toUpperCase()}`;
  return {
    id,
    zone_id: id,
    name,
    arn: `arn:aws:route53:::hostedzone/${id}`,
    name_servers: [...NAME_SERVERS],
    primary_name_server: NAME_SERVERS[0],
  };
}

/** The one record whose attributes are all as configured; `tags` have to be among its tags. */
function found(context: Context, type: string, config: Values, keys: readonly string[]): Values {
  const tags = Object.entries(textMap(config, 'tags'));
  const wanted = (attributes: Values): boolean =>
    keys.every((key) => !config[key] || attributes[key] === config[key]) &&
    tags.every(([key, value]) => textMap(attributes, 'tags_all')[key] === value);
  return only(
    context,
    type,
    wanted,
    keys
      .map((key) => config[key])
      .filter(Boolean)
      .join(', '),
  ).attributes;
}

function only(
  context: Context,
  type: string,
  wanted: (attributes: Values) => boolean,
  what: string | undefined,
): ResourceRecord {
  const matching = context
    .records(type)
    .entries()
    .filter(([, { attributes }]) => wanted(attributes));
  const [first] = matching;
  if (first && matching.length === 1) return first[1];
  const reason =
    matching.length === 0 ? 'no matching resource found' : `${matching.length} resources match, expected one`;
  throw new ProviderError(`reading data.${type} (${what}): ${reason}`, '');
}

interface ParameterAnswer {
  readonly Parameter: { readonly Value: string; readonly Type: string; readonly ARN: string; readonly Version: number };
}
interface RepositoryAnswer {
  readonly repositories: readonly {
    readonly repositoryArn: string;
    readonly repositoryUri: string;
    readonly registryId: string;
    readonly imageTagMutability?: string;
  }[];
}
interface SecretAnswer {
  readonly ARN: string;
  readonly Name: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
}
