import type { Project } from '../../manifest/names.ts';

export const project: Project = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'owner/demo',
};

/** An expression of Terraform. */
export const reference = (text: string): string => `\${${text}}`;
const parameter = (name: string): string => reference(`data.aws_ssm_parameter.${name}.insecure_value`);
const document = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

/** A full preview of pull request 7 as main.ts would make it, cut down to one resource of each kind that matters. */
export const good = () => ({
  '//': { metadata: { version: '0.21.0' } },
  terraform: {
    backend: {
      s3: { bucket: 'demo-123456789012-state', key: 'preview-pr-7.tfstate', region: 'us-east-1', encrypt: true },
    },
    required_providers: { aws: { source: 'aws', version: '6.25.0' } } as Record<string, unknown>,
    required_version: '>= 1.11.0',
  },
  provider: {
    aws: [
      {
        region: 'us-east-1',
        allowed_account_ids: ['123456789012'],
        default_tags: [{ tags: { Application: 'demo', Environment: 'pr-7', ManagedBy: 'terraform' } }],
      },
    ],
  },
  data: {
    aws_ssm_parameter: {
      key: { name: '/demo/staging/platform/key-arn' },
      listener: { name: '/demo/staging/platform/listener-arn' },
      repository: { name: '/demo/account/platform/repository/web' },
    },
  },
  resource: {
    aws_dynamodb_table: { jobs: { name: 'pr-7-jobs', billing_mode: 'PAY_PER_REQUEST', hash_key: 'id' } },
    aws_s3_bucket: { files: { bucket: 'demo-123456789012-pr-7-files', force_destroy: true } },
    aws_iam_role: {
      task: {
        name: 'demo-pr-7-web-task',
        permissions_boundary: 'arn:aws:iam::123456789012:policy/demo-boundary-preview',
        assume_role_policy: document({ Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: ['sts:AssumeRole'] }),
      },
    },
    aws_iam_role_policy: {
      access: {
        name: 'access',
        role: reference('aws_iam_role.task.name'),
        policy: document({
          Action: ['dynamodb:GetItem'],
          Resource: ['arn:aws:dynamodb:us-east-1:123456789012:table/pr-7-jobs', reference('aws_sqs_queue.out.arn')],
        }),
      },
    },
    aws_lb_target_group: { web: { name: 'pr-7-web' } },
    aws_lb_listener_rule: {
      web: {
        listener_arn: parameter('listener'),
        priority: 53,
        condition: [{ host_header: { values: ['pr-7.preview.demo.example'] } }, { path_pattern: { values: ['/*'] } }],
        action: [{ type: 'forward', target_group_arn: reference('aws_lb_target_group.web.arn') }],
      },
    },
    aws_ssm_parameter: {
      web: {
        name: '/demo/pr-7/services/web',
        insecure_value: JSON.stringify({
          service: 'web',
          cluster: 'staging',
          serviceName: 'pr-7-web',
          repositoryUrl: parameter('repository'),
          desiredCount: 1,
          taskDefinition: { family: 'pr-7-web', taskRoleArn: reference('aws_iam_role.task.arn') },
        }),
      },
    },
  },
});
