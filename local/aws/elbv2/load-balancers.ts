import type {
  CreateLoadBalancerInput,
  DeleteLoadBalancerInput,
  DescribeLoadBalancersInput,
  LoadBalancer,
  ModifyLoadBalancerAttributesInput,
  SetIpAddressTypeInput,
  SetSecurityGroupsInput,
  SetSubnetsInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../cloud.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { newDnsName, newLoadBalancerArn } from './arns.ts';
import { attributeList, find, type LoadBalancerRecord, mergeAttributes, type Records, values } from './records.ts';

/** What https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html documents as defaults. */
const DEFAULT_ATTRIBUTES = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'connection_logs.s3.enabled': 'false',
  'connection_logs.s3.bucket': '',
  'connection_logs.s3.prefix': '',
  'client_keep_alive.seconds': '3600',
  'deletion_protection.enabled': 'false',
  'idle_timeout.timeout_seconds': '60',
  'load_balancing.cross_zone.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
  'routing.http.preserve_host_header.enabled': 'false',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
  'routing.http.xff_client_port.enabled': 'false',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': 'true',
  'waf.fail_open.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
};

/** Hosted zone of Application Load Balancers in us-east-1. */
const HOSTED_ZONE = 'Z35SXDOTRQ7X7K';

export function loadBalancerOperations(cloud: Cloud, records: Records): Record<string, Operation> {
  const change = (arn: string | undefined, update: Partial<LoadBalancerRecord>): LoadBalancerRecord => {
    const record = { ...find(records, 'loadBalancers', arn), ...update };
    records.loadBalancers.set(record.arn, record);
    return record;
  };
  return {
    CreateLoadBalancer(input: CreateLoadBalancerInput) {
      const record = newLoadBalancer(cloud, input);
      if (values(records.loadBalancers).some(({ name }) => name === record.name)) {
        throw new AwsError(
          'DuplicateLoadBalancerNameException',
          `A load balancer named '${record.name}' already exists`,
        );
      }
      records.loadBalancers.set(record.arn, record);
      return { LoadBalancers: [view(cloud, record)] };
    },
    DescribeLoadBalancers: (input: DescribeLoadBalancersInput) => ({
      LoadBalancers: select(records, input).map((record) => view(cloud, record)),
    }),
    DeleteLoadBalancer({ LoadBalancerArn: arn = '' }: DeleteLoadBalancerInput) {
      const record = records.loadBalancers.get(arn);
      if (record?.attributes['deletion_protection.enabled'] === 'true') {
        throw new AwsError(
          'OperationNotPermittedException',
          `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
        );
      }
      deleteWithListeners(records, arn);
      return {};
    },
    DescribeLoadBalancerAttributes: ({ LoadBalancerArn }: ModifyLoadBalancerAttributesInput) => ({
      Attributes: attributeList(find(records, 'loadBalancers', LoadBalancerArn).attributes),
    }),
    ModifyLoadBalancerAttributes({ LoadBalancerArn, Attributes }: ModifyLoadBalancerAttributesInput) {
      const { attributes } = find(records, 'loadBalancers', LoadBalancerArn);
      return {
        Attributes: attributeList(
          change(LoadBalancerArn, { attributes: mergeAttributes(attributes, Attributes) }).attributes,
        ),
      };
    },
    SetSecurityGroups: ({ LoadBalancerArn, SecurityGroups = [] }: SetSecurityGroupsInput) => ({
      SecurityGroupIds: change(LoadBalancerArn, { securityGroups: SecurityGroups }).securityGroups,
    }),
    SetSubnets({ LoadBalancerArn, Subnets, SubnetMappings }: SetSubnetsInput) {
      const subnets = Subnets ?? SubnetMappings?.map(({ SubnetId }) => SubnetId ?? '') ?? [];
      return { AvailabilityZones: zones(cloud, change(LoadBalancerArn, { subnets })) };
    },
    SetIpAddressType: ({ LoadBalancerArn, IpAddressType = 'ipv4' }: SetIpAddressTypeInput) => ({
      IpAddressType: change(LoadBalancerArn, { ipAddressType: IpAddressType }).ipAddressType,
    }),
  };
}

function newLoadBalancer(cloud: Cloud, input: CreateLoadBalancerInput): LoadBalancerRecord {
  const name = input.Name ?? '';
  if (!/^(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}$/.test(name)) {
    throw new AwsError('ValidationError', `'${name}' is not a load balancer name: 1 to 32 letters, digits and hyphens`);
  }
  if ((input.Type ?? 'application') !== 'application') {
    throw new AwsError('ValidationError', `The local cloud has application load balancers only, not '${input.Type}'`);
  }
  return {
    arn: newLoadBalancerArn(cloud, name),
    name,
    dnsName: newDnsName(cloud.region, name),
    scheme: input.Scheme ?? 'internet-facing',
    type: 'application',
    ipAddressType: input.IpAddressType ?? 'ipv4',
    subnets: input.Subnets ?? input.SubnetMappings?.map(({ SubnetId }) => SubnetId ?? '') ?? [],
    securityGroups: input.SecurityGroups ?? [],
    createdAt: cloud.now(),
    attributes: DEFAULT_ATTRIBUTES,
    tags: input.Tags ?? [],
  };
}

function select(records: Records, input: DescribeLoadBalancersInput): readonly LoadBalancerRecord[] {
  if (input.LoadBalancerArns?.length) return input.LoadBalancerArns.map((arn) => find(records, 'loadBalancers', arn));
  const all = values(records.loadBalancers);
  if (!input.Names?.length) return all;
  return input.Names.map((name) => {
    const record = all.find((candidate) => candidate.name === name);
    if (!record) throw new AwsError('LoadBalancerNotFoundException', `Load balancers '[${name}]' not found`);
    return record;
  });
}

function deleteWithListeners(records: Records, loadBalancerArn: string): void {
  for (const listener of values(records.listeners)) {
    if (listener.loadBalancerArn !== loadBalancerArn) continue;
    for (const rule of values(records.rules)) if (rule.listenerArn === listener.arn) records.rules.delete(rule.arn);
    records.listeners.delete(listener.arn);
  }
  records.loadBalancers.delete(loadBalancerArn);
}

const zones = (cloud: Cloud, { subnets }: LoadBalancerRecord) =>
  subnets.map((SubnetId, index) => ({
    SubnetId,
    ZoneName: `${cloud.region}${'abcdef'[index % 6]}`,
    LoadBalancerAddresses: [],
  }));

function view(cloud: Cloud, record: LoadBalancerRecord): LoadBalancer {
  return {
    LoadBalancerArn: record.arn,
    DNSName: record.dnsName,
    CanonicalHostedZoneId: HOSTED_ZONE,
    CreatedTime: new Date(record.createdAt),
    LoadBalancerName: record.name,
    Scheme: record.scheme as LoadBalancer['Scheme'],
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: zones(cloud, record),
    SecurityGroups: [...record.securityGroups],
    IpAddressType: record.ipAddressType as LoadBalancer['IpAddressType'],
  };
}
