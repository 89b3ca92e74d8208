import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { type Answer, type Client, Refusal, type Service } from './client.ts';

type Module = Readonly<Record<string, unknown>>;
type Sender = { send(command: object): Promise<Answer> };

const MODULES: Readonly<Record<Service, readonly [module: Module, client: string]>> = {
  sts: [sts, 'STSClient'],
  ssm: [ssm, 'SSMClient'],
  dynamodb: [dynamodb, 'DynamoDBClient'],
  s3: [s3, 'S3Client'],
  ecr: [ecr, 'ECRClient'],
  ecs: [ecs, 'ECSClient'],
  elbv2: [elbv2, 'ElasticLoadBalancingV2Client'],
  lambda: [lambda, 'LambdaClient'],
};

/** The AWS SDK for JavaScript v3. */
export function createSdkClient(endpoint: string): Client {
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
    maxAttempts: 1,
  };
  const made = (module: Module, name: string, input: object): unknown =>
    new (module[name] as new (input: object) => object)(input);
  async function call(service: Service, operation: string, input: object = {}): Promise<Answer> {
    const [module, client] = MODULES[service];
    try {
      return await (made(module, client, options) as Sender).send(made(module, `${operation}Command`, input) as object);
    } catch (error) {
      if (error instanceof Error && '$fault' in error) throw new Refusal(error.name, error.message);
      throw error;
    }
  }
  return {
    call,
    async putObject(Bucket, Key, text) {
      await call('s3', 'PutObject', { Bucket, Key, Body: text });
    },
    async getObject(Bucket, Key) {
      const { Body } = await call('s3', 'GetObject', { Bucket, Key });
      return Body.transformToString();
    },
  };
}
