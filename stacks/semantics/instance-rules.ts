import type { ValueRule } from './value-rules.ts';

const NAT = { shortest: 3, longest: 128, pattern: /^[\w().\-/]+$/, form: 'letters, digits and ().-/_' };
const DAY_SECONDS = 86_400;

/** What AWS asks of the instance that stands in for a NAT gateway. */
export const INSTANCE_RULES: readonly ValueRule[] = [
  { type: 'aws_launch_template', path: 'name', rule: NAT },
  { type: 'aws_launch_template', path: 'description', rule: { longest: 255 } },
  { type: 'aws_launch_template', path: 'metadata_options.http_tokens', rule: { oneOf: ['optional', 'required'] } },
  {
    type: 'aws_launch_template',
    path: 'metadata_options.http_put_response_hop_limit',
    rule: { from: 1, to: 64 },
  },
  {
    type: 'aws_launch_template',
    path: 'credit_specification.cpu_credits',
    rule: { oneOf: ['standard', 'unlimited'] },
  },
  { type: 'aws_autoscaling_group', path: 'name', rule: { longest: 255 } },
  { type: 'aws_autoscaling_group', path: 'health_check_type', rule: { oneOf: ['EC2', 'ELB', 'VPC_LATTICE', 'EBS'] } },
  { type: 'aws_autoscaling_group', path: 'max_instance_lifetime', rule: { from: DAY_SECONDS, to: 365 * DAY_SECONDS } },
  { type: 'aws_network_interface', path: 'description', rule: { longest: 255 } },
];
