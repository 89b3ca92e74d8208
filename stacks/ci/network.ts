import type { Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { allow, type Statement } from '../constructs/policy.ts';
import { environmentSettings } from '../environments.ts';

const verbs = (service: string, names: readonly string[]): string[] => names.map((name) => `${service}:${name}`);

type LongLived = 'staging' | 'production';

/** Network of an environment. EC2's ARNs carry no names, so the tag that every resource of ours has decides. */
export function networkStatements(project: Project, environment: LongLived): Statement[] {
  const { accountId, region } = project;
  const all = [`arn:aws:ec2:${region}:${accountId}:*/*`];
  const things = ['Vpc', 'Subnet', 'RouteTable', 'InternetGateway', 'SecurityGroup', 'VpcEndpoint', 'NatGateway'];
  const create = verbs('ec2', [...things.map((thing) => `Create${thing}`), 'CreateFlowLogs', 'AllocateAddress']);
  const change = [
    ...things.map((thing) => `Delete${thing}*`),
    ...[
      'CreateRoute',
      'DeleteRoute',
      'ReplaceRoute',
      'AssociateRouteTable',
      'DisassociateRouteTable',
      'AttachInternetGateway',
    ],
    ...['ReleaseAddress', 'DisassociateAddress'],
    ...['DetachInternetGateway', 'ModifyVpcAttribute', 'ModifySubnetAttribute', 'ModifyVpcEndpoint', 'DeleteFlowLogs'],
    ...['AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupIngress'],
    ...['RevokeSecurityGroupEgress', 'ModifySecurityGroupRules', 'DeleteTags'],
  ];
  const owned = { StringEquals: { 'aws:ResourceTag/Environment': environment } };
  return [
    allow(create, all, { StringEquals: { 'aws:RequestTag/Environment': environment } }),
    allow([...create, ...verbs('ec2', change), 'ec2:CreateTags'], all, owned),
    // Only while it makes something, and only as its own.
    allow(['ec2:CreateTags'], all, {
      Null: { 'ec2:CreateAction': 'false' },
      StringEquals: { 'aws:RequestTag/Environment': environment },
    }),
    ...(environmentSettings({ project, environment }).nat === 'instance'
      ? natInstanceStatements(project, environment)
      : []),
  ];
}

/** What a NAT instance takes beside. An instance is only started from a template, which has the environment's tag; roles for instances cannot be passed on. */
function natInstanceStatements({ app, accountId, region }: Project, environment: LongLived): Statement[] {
  const { regional } = createArns({ accountId, region });
  const all = [`arn:aws:ec2:${region}:${accountId}:*/*`];
  const create = verbs('ec2', ['CreateLaunchTemplate', 'CreateNetworkInterface']);
  const change = [
    ...['CreateLaunchTemplateVersion', 'ModifyLaunchTemplate', 'DeleteLaunchTemplate', 'DeleteNetworkInterface'],
    ...['ModifyNetworkInterfaceAttribute', 'DetachNetworkInterface', 'AssociateAddress'],
  ];
  return [
    allow(create, all, { StringEquals: { 'aws:RequestTag/Environment': environment } }),
    allow([...create, ...verbs('ec2', change)], all, {
      StringEquals: { 'aws:ResourceTag/Environment': environment },
    }),
    allow(['ec2:RunInstances'], [...all, `arn:aws:ec2:${region}::image/*`], {
      ArnLike: { 'ec2:LaunchTemplate': regional('ec2', 'launch-template/*') },
    }),
    allow(
      verbs('autoscaling', [
        'CreateAutoScalingGroup',
        'UpdateAutoScalingGroup',
        'DeleteAutoScalingGroup',
        'CreateOrUpdateTags',
        'DeleteTags',
      ]),
      [regional('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${app}-${environment}-nat`)],
    ),
    // Which image is the newest.
    allow(['ssm:GetParameters'], [`arn:aws:ssm:${region}::parameter/aws/service/ecs/*`]),
  ];
}

/** AWS services that act in the account with a role of their own, which comes into being when they are first used. */
const LINKED = ['autoscaling', 'ecs', 'ecs.application-autoscaling', 'elasticloadbalancing', 'ops.apigateway'];

export const linkedRoleStatements = ({ accountId }: Project): Statement[] => {
  const services = LINKED.map((name) => `${name}.amazonaws.com`);
  return [
    allow(
      ['iam:CreateServiceLinkedRole'],
      services.map((service) => `arn:aws:iam::${accountId}:role/aws-service-role/${service}/*`),
      { StringEquals: { 'iam:AWSServiceName': services } },
    ),
  ];
};
