import type { Context } from './conditions.ts';
import type { AccessRequest } from './evaluate.ts';
import { terraformActions } from './terraform-actions.ts';

type Values = Readonly<Record<string, unknown>>;
/** Type -> name in the program -> arguments. */
export type StackResources = Readonly<Record<string, Readonly<Record<string, Values>>>>;

export interface Applied {
  readonly accountId: string;
  readonly region: string;
  readonly app: string;
  /** That the stack belongs to: the tag on all that it makes. */
  readonly environment: string;
  /** Whose load balancer and cluster its services are on. */
  readonly host: string;
}

/** A call of Terraform's provider that changes something. */
export interface TerraformCall extends AccessRequest {
  /** `aws_lb.load-balancer`. */
  readonly address: string;
}

/** `{name}` is an argument; `$` leads to the argument of what it refers to. ARN after the account, by type and, where it differs, by action. */
const ARNS: Readonly<Record<string, string>> = {
  aws_autoscaling_group: 'autoscaling:autoScalingGroup:0:autoScalingGroupName/{name}',
  aws_backup_vault: 'backup:backup-vault:{name}',
  aws_backup_vault_lock_configuration: 'backup:backup-vault:{backup_vault_name}',
  aws_cloudwatch_log_group: 'logs:log-group:{name}',
  aws_cloudwatch_metric_alarm: 'cloudwatch:alarm:{alarm_name}',
  aws_dynamodb_table: 'dynamodb:table/{name}',
  aws_ecs_cluster: 'ecs:cluster/{name}',
  aws_ecs_cluster_capacity_providers: 'ecs:cluster/{cluster_name}',
  aws_ecs_service: 'ecs:service/{HOST}/{name}',
  aws_ecs_task_definition: 'ecs:task-definition/{family}:1',
  aws_kms_key: 'kms:key/0',
  aws_lambda_alias: 'lambda:function:{function_name}',
  aws_lambda_function: 'lambda:function:{function_name}',
  aws_lambda_permission: 'lambda:function:{function_name}',
  aws_launch_template: 'ec2:launch-template/lt-0',
  aws_lb: 'elasticloadbalancing:loadbalancer/app/{name}/0',
  aws_lb_listener: 'elasticloadbalancing:listener/app/{APP}-{HOST}/0/0',
  'aws_lb_listener elasticloadbalancing:CreateListener': 'elasticloadbalancing:loadbalancer/app/{APP}-{HOST}/0',
  aws_lb_listener_rule: 'elasticloadbalancing:listener-rule/app/{APP}-{HOST}/0/0/0',
  'aws_lb_listener_rule elasticloadbalancing:CreateRule': 'elasticloadbalancing:listener/app/{APP}-{HOST}/0/0',
  aws_lb_target_group: 'elasticloadbalancing:targetgroup/{name}/0',
  aws_nat_gateway: 'ec2:natgateway/nat-0',
  aws_network_interface: 'ec2:network-interface/eni-0',
  aws_route_table: 'ec2:route-table/rtb-0',
  aws_scheduler_schedule: 'scheduler:schedule/default/{name}',
  aws_secretsmanager_secret: 'secretsmanager:secret:{name}-000000',
  aws_security_group: 'ec2:security-group/sg-0',
  aws_sns_topic: 'sns:{name}',
  aws_sqs_queue: 'sqs:{name}',
  aws_ssm_parameter: 'ssm:parameter{name}',
  aws_subnet: 'ec2:subnet/subnet-0',
  aws_vpc: 'ec2:vpc/vpc-0',
  aws_cognito_user_pool: 'cognito-idp:userpool/us-east-1_0',
};

const READS = /:(?:Get|List|Describe)/;
const REFERENCE = /\$\{(aws_\w+)\.([\w-]+)\.(\w+)\}/g;

/** Every call that applying a stack may make and whose resource is known before it exists. Terraform's provider has no credentials locally, so they are derived. */
export function terraformCalls(resources: StackResources, applied: Applied): readonly TerraformCall[] {
  return Object.entries(resources).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, values]) =>
      (terraformActions(type) ?? [])
        .filter((action) => !READS.test(action))
        .flatMap((action) => {
          const resource = arnOf(type, action, { values, resources, applied });
          // What belongs to another service has its own rules: roles that are passed on, roles of AWS's services.
          if (resource === undefined || !sameService(action, resource)) return [];
          return [{ address: `${type}.${name}`, action, resource, context: contextOf({ values, resources, applied }) }];
        }),
    ),
  );
}

interface Known {
  readonly values: Values;
  readonly resources: StackResources;
  readonly applied: Applied;
}

function arnOf(type: string, action: string, known: Known): string | undefined {
  const { accountId, region, app, host } = known.applied;
  if (type === 'aws_iam_role' || type === 'aws_iam_role_policy') {
    const role = type === 'aws_iam_role' ? known.values['name'] : known.values['role'];
    return `arn:aws:iam::${accountId}:role/${follow(role, known.resources)}`;
  }
  if (type.startsWith('aws_s3_')) {
    const bucket = `arn:aws:s3:::${follow(known.values['bucket'], known.resources)}`;
    return type === 'aws_s3_object' ? `${bucket}/${String(known.values['key'])}` : bucket;
  }
  const template = ARNS[`${type} ${action}`] ?? ARNS[type];
  if (template === undefined) return undefined;
  const [service = '', ...rest] = template.split(':');
  const resource = rest.join(':').replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'APP') return app;
    return name === 'HOST' ? host : follow(known.values[name], known.resources);
  });
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** A text whose references to other resources of the stack are replaced by what those say. */
function follow(value: unknown, resources: StackResources): string {
  return String(value ?? '').replaceAll(REFERENCE, (_, type: string, name: string, attribute: string) => {
    const target = resources[type]?.[name] ?? {};
    const named = attribute === 'id' || attribute === 'arn' ? (target['bucket'] ?? target['name']) : target[attribute];
    return follow(named, resources);
  });
}

const SERVICES: Readonly<Record<string, string>> = { 'arn:aws:s3::': 's3' };

function sameService(action: string, resource: string): boolean {
  const [service = ''] = action.split(':');
  return (SERVICES[resource.slice(0, 12)] ?? resource.split(':')[2]) === service;
}

function contextOf({ values, resources, applied: { environment } }: Known): Context {
  const role = /\$\{aws_iam_role\.([\w-]+)\./.exec(String(values['role'] ?? ''))?.[1];
  const boundary = values['permissions_boundary'] ?? resources['aws_iam_role']?.[role ?? '']?.['permissions_boundary'];
  return {
    'aws:RequestTag/Environment': environment,
    'aws:ResourceTag/Environment': environment,
    'ec2:CreateAction': 'Create',
    ...(boundary === undefined ? {} : { 'iam:PermissionsBoundary': String(boundary) }),
  };
}
