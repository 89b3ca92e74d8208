import type { CostedResource } from './types.ts';
import { blocks, count, ofType, text } from './values.ts';

/** What one resource costs by being there: quantity of a unit price. */
export interface Charge {
  readonly what: string;
  readonly quantity: number;
  readonly price: string;
}

export interface Surroundings {
  readonly hours: number;
  /** Everything in the environment. */
  readonly resources: readonly CostedResource[];
}

type Rule = (values: CostedResource['values'], surroundings: Surroundings) => readonly Charge[];

/** A load balancer stands in at least two zones, and has an address in each. */
const ZONES = 2;

const each =
  (what: string, price: string): Rule =>
  () => [{ what, quantity: 1, price }];

/** Types that cost by the hour or the month, whatever goes through them. */
export const FIXED: Readonly<Record<string, Rule>> = {
  aws_lb: (values, { hours }) => [
    { what: 'load balancer', quantity: hours, price: 'alb.hour' },
    ...(values['internal'] === true
      ? []
      : [{ what: 'public IPv4 addresses', quantity: hours * count(values, 'subnets', ZONES), price: 'ipv4.hour' }]),
  ],
  aws_autoscaling_group: instances,
  aws_nat_gateway: (_values, { hours }) => [{ what: 'NAT gateway', quantity: hours, price: 'nat.hour' }],
  aws_eip: (_values, { hours }) => [{ what: 'public IPv4 address', quantity: hours, price: 'ipv4.hour' }],
  aws_vpc_endpoint: (values, { hours }) =>
    text(values, 'vpc_endpoint_type') === 'Interface'
      ? [
          {
            what: 'interface endpoint in each zone',
            quantity: hours * count(values, 'subnet_ids', ZONES),
            price: 'vpce.if.hour',
          },
        ]
      : [],
  aws_wafv2_web_acl: (values) => [
    { what: 'web ACL', quantity: 1, price: 'waf.acl' },
    { what: 'rules', quantity: blocks(values, 'rule').length, price: 'waf.rule' },
  ],
  aws_kms_key: each('key', 'kms.key'),
  aws_secretsmanager_secret: each('secret', 'secret'),
  aws_cloudwatch_metric_alarm: each('alarm', 'cw.alarm'),
  aws_route53_zone: each('zone', 'r53.zone'),
  aws_lambda_provisioned_concurrency_config: (values, { hours, resources }) => {
    const name = text(values, 'function_name');
    const owner = ofType(resources, 'aws_lambda_function').find(
      (one) => text(one.values, 'function_name') === name || name.includes(`${one.address}.`),
    );
    const gigabytes = Number(owner?.values['memory_size'] ?? 128) / 1024;
    const instances = Number(values['provisioned_concurrent_executions'] ?? 0);
    return [
      { what: 'provisioned concurrency', quantity: instances * gigabytes * hours * 3600, price: 'lambda.pc_arm_gbs' },
    ];
  },
  aws_api_gateway_stage: (values, { hours }) =>
    values['cache_cluster_enabled'] === true
      ? [{ what: 'cache (0.5 GB)', quantity: hours, price: 'apigw.cache05_h' }]
      : [],
};

/** Instances of a group: how many are wanted, of which type and with which volumes its launch template says. */
function instances(values: CostedResource['values'], { hours, resources }: Surroundings): readonly Charge[] {
  const [reference = {}] = blocks(values, 'launch_template');
  const template = ofType(resources, 'aws_launch_template').find(({ address }) =>
    text(reference, 'id').includes(`${address}.`),
  );
  const type = text(template?.values ?? {}, 'instance_type');
  const gigabytes = blocks(template?.values ?? {}, 'block_device_mappings')
    .flatMap((mapping) => blocks(mapping, 'ebs'))
    .reduce((sum, volume) => sum + Number(volume['volume_size'] ?? 0), 0);
  const count = Number(values['desired_capacity'] ?? 0);
  return [
    { what: `instances ${type}`, quantity: count * hours, price: `ec2.${type.replace('.', '_')}_h` },
    { what: 'volumes of instances', quantity: count * gigabytes, price: 'ebs.gp3_gb' },
  ];
}
