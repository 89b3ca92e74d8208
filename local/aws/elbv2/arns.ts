import { randomBytes } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';

const suffix = (): string => randomBytes(8).toString('hex');

/** New ARNs in the formats of Elastic Load Balancing, which nest: a rule's ARN carries its listener's, a listener's its load balancer's. */
export const newLoadBalancerArn = (cloud: Pick<Cloud, 'region' | 'accountId'>, name: string): string =>
  `arn:aws:elasticloadbalancing:${cloud.region}:${cloud.accountId}:loadbalancer/app/${name}/${suffix()}`;

export const newTargetGroupArn = (cloud: Pick<Cloud, 'region' | 'accountId'>, name: string): string =>
  `arn:aws:elasticloadbalancing:${cloud.region}:${cloud.accountId}:targetgroup/${name}/${suffix()}`;

export const newListenerArn = (loadBalancerArn: string): string =>
  `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/${suffix()}`;

export const newRuleArn = (listenerArn: string): string =>
  `${listenerArn.replace(':listener/', ':listener-rule/')}/${suffix()}`;

/** The default rule has an ARN of its own; it is derived so that it never changes. */
export const defaultRuleArn = (listenerArn: string): string =>
  `${listenerArn.replace(':listener/', ':listener-rule/')}/${listenerArn.split('/').at(-1)}`;

/** `production` gets `production-1a2b3c4d5e.us-east-1.elb.localhost`: like the real name, but it resolves to this machine. */
export const newDnsName = (region: string, name: string): string =>
  `${name}-${randomBytes(5).toString('hex')}.${region}.elb.localhost`.toLowerCase();
