import { createHash } from 'node:crypto';
import { createDynamoDbService } from '../../aws/dynamodb/service.ts';
import { createEcrService } from '../../aws/ecr/service.ts';
import { createEcsService } from '../../aws/ecs/service.ts';
import { createElbv2Service } from '../../aws/elbv2/service.ts';
import { createIamService } from '../../aws/iam/service.ts';
import type { AwsService } from '../../aws/kit/service.ts';
import { startTestCloud, type TestCloud } from '../../aws/kit/test-cloud.ts';
import { createLambdaService } from '../../aws/lambda/service.ts';
import { createLogsService } from '../../aws/logs/service.ts';
import { createS3Service } from '../../aws/s3/service.ts';
import { createSchedulerService } from '../../aws/scheduler/service.ts';
import { createSecretsManagerService } from '../../aws/secretsmanager/service.ts';
import { createSnsService } from '../../aws/sns/service.ts';
import { createSqsService } from '../../aws/sqs/service.ts';
import { createSsmService } from '../../aws/ssm/service.ts';
import { createStsService } from '../../aws/sts/service.ts';
import type { Cloud } from '../../cloud.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Every service that the provider calls, without a registry behind ECR and without containers behind ECS and Lambda. */
export function startAllServices(options: { readonly home?: string } = {}): Promise<TestCloud> {
  const endpoints = { registry: '127.0.0.1:5000' };
  return startTestCloud(
    (cloud: Cloud) => [
      createStsService(cloud),
      createSsmService(cloud),
      createSecretsManagerService(cloud),
      createSqsService(cloud),
      createSchedulerService(cloud),
      createSnsService(cloud),
      createLogsService(cloud),
      createDynamoDbService(cloud),
      createS3Service(cloud),
      withAnyImage(createEcrService(cloud, noImages)),
      createLambdaService(cloud, idleRuntime),
      createEcsService(cloud, idleRuntime),
      createElbv2Service(cloud),
      createIamService(cloud),
    ],
    { ...options, endpoints },
  );
}

type Images = Parameters<typeof createEcrService>[1];

const noImages = {
  describeAll: () => [],
  deleteRepository: () => undefined,
} as unknown as Images;

// Lambda asks ECR which digest a tag means; here every tag means one.
function withAnyImage(ecr: AwsService): AwsService {
  const DescribeImages = ({ imageIds }: { imageIds: { imageTag?: string; imageDigest?: string }[] }) => ({
    imageDetails: imageIds.map(({ imageTag = '', imageDigest }) => {
      const digest = `sha256:${createHash('sha256').update(imageTag).digest('hex')}`;
      return { imageDigest: imageDigest ?? digest };
    }),
  });
  return { ...ecr, operations: { ...ecr.operations, DescribeImages } };
}

/** Pulls nothing. Services of these tests want no tasks. */
const idleRuntime: Runtime = {
  mode: 'direct',
  limitations: 'starts nothing',
  prepare: async () => undefined,
  reap: async () => 0,
  close: async () => undefined,
  start: () => Promise.reject(new Error('a test of the provider starts no container')),
};
