import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  paginateListTaskDefinitions,
} from '@aws-sdk/client-ecs';
import {
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clusterName } from '../../manifest/names.ts';
import { deleteVersions } from './object-versions.ts';
import type { Found, Kind, Options } from './preview-listings.ts';

/** Removes single resources of previews; what is gone already is no error. */
export function createRemoval(options: Options) {
  const ecs = new ECSClient(options);
  const balancing = new ElasticLoadBalancingV2Client(options);
  const iam = new IAMClient(options);

  async function deregister(familyPrefix: string): Promise<void> {
    for await (const page of paginateListTaskDefinitions({ client: ecs }, { familyPrefix, status: 'ACTIVE' })) {
      for (const taskDefinition of page.taskDefinitionArns ?? [])
        await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    }
  }

  async function deleteRole(RoleName: string): Promise<void> {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  }

  /** Old versions count, too: a bucket that has any cannot be deleted. */
  async function deleteBucket(Bucket: string): Promise<void> {
    const s3 = new S3Client({ ...options, forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined });
    await deleteVersions(s3, { Bucket });
    await s3.send(new DeleteBucketCommand({ Bucket }));
  }

  const BY_KIND: Readonly<Record<Kind, (id: string) => Promise<unknown>>> = {
    'ECS service': (service) =>
      ecs.send(new DeleteServiceCommand({ cluster: clusterName('staging'), service, force: true })),
    'task definition': deregister,
    'target group': (TargetGroupArn) => balancing.send(new DeleteTargetGroupCommand({ TargetGroupArn })),
    'Lambda function': (FunctionName) => new LambdaClient(options).send(new DeleteFunctionCommand({ FunctionName })),
    'DynamoDB table': (TableName) => new DynamoDBClient(options).send(new DeleteTableCommand({ TableName })),
    'log group': (logGroupName) => new CloudWatchLogsClient(options).send(new DeleteLogGroupCommand({ logGroupName })),
    'SSM parameter': (Name) => new SSMClient(options).send(new DeleteParameterCommand({ Name })),
    bucket: deleteBucket,
    schedule: (Name) => new SchedulerClient(options).send(new DeleteScheduleCommand({ Name })),
    role: deleteRole,
  };

  /** What only its tags lead to. */
  async function removeByArn(arn: string): Promise<void> {
    const [, , service = '', , , ...rest] = arn.split(':');
    const resource = rest.join(':');
    if (resource.startsWith('listener-rule/')) await balancing.send(new DeleteRuleCommand({ RuleArn: arn }));
    else if (service === 'sns') await new SNSClient(options).send(new DeleteTopicCommand({ TopicArn: arn }));
    else if (service === 'sqs') {
      const sqs = new SQSClient(options);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: resource }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    }
  }

  return {
    deregister,
    remove: ({ kind, id }: Found): Promise<void> => unlessGone(BY_KIND[kind](id)),
    removeByArn: (arn: string): Promise<void> => unlessGone(removeByArn(arn)),
  };
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Error && /NotFound|NoSuch|NonExistent|DoesNotExist/.test(error.name))) throw error;
  }
}
