import type { DataSource } from '../engine/definition.ts';
import { zoneId } from '../resources/network.ts';
import { text } from '../schema/value.ts';

/** Who and where we are. */
export const account: Readonly<Record<string, DataSource>> = {
  aws_caller_identity: async (_config, context) => {
    const { Account, Arn, UserId } = await context.cloud.invoke<Record<string, string>>('sts', 'GetCallerIdentity', {});
    return { id: Account ?? null, account_id: Account ?? null, arn: Arn ?? null, user_id: UserId ?? null };
  },
  aws_region: (config, context) => {
    const region = text(config, 'name') ?? context.region;
    return { id: region, name: region, region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
  },
  aws_partition: () => ({
    id: 'aws',
    partition: 'aws',
    dns_suffix: 'amazonaws.com',
    reverse_dns_prefix: 'com.amazonaws',
  }),
  aws_availability_zones: (_config, { region }) => {
    const names = ['a', 'b', 'c'].map((letter) => region + letter);
    return { id: region, names, zone_ids: names.map(zoneId), group_names: [`${region}-zg-1`] };
  },
  aws_default_tags: (_config, { defaultTags }) => ({ id: 'aws', tags: { ...defaultTags } }),
  aws_service_principal: (config, { region }) => {
    const service = text(config, 'service_name') ?? '';
    return {
      id: `${service}.${region}.amazonaws.com`,
      name: `${service}.amazonaws.com`,
      service_name: service,
      region: text(config, 'region') ?? region,
      suffix: 'amazonaws.com',
    };
  },
  aws_elb_service_account: () => ({ id: '127311923021', arn: 'arn:aws:iam::127311923021:root' }),
};
