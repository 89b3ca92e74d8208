import { AwsError } from '../../aws/kit/service.ts';
import type { Cloud } from '../../cloud.ts';
import type { Connection } from '../protocol/connections.ts';
import { block, text, textMap, type Values } from '../schema/value.ts';
import type { Context, ResourceRecord } from './definition.ts';

/** The names that the AWS SDK for Go gives to services in its error messages. */
const SERVICE_IDS: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDB',
  ecr: 'ECR',
  ecs: 'ECS',
  elasticloadbalancing: 'Elastic Load Balancing v2',
  lambda: 'Lambda',
  logs: 'CloudWatch Logs',
  s3: 'S3',
  scheduler: 'Scheduler',
  secretsmanager: 'Secrets Manager',
  sns: 'SNS',
  sqs: 'SQS',
  ssm: 'SSM',
  sts: 'STS',
};

/** What definitions see of the world, for one call on behalf of one provider instance. */
export function createContext(cloud: Cloud, connection: Connection, values: Values | undefined): Context {
  const region = text(values, 'region') ?? text(connection.config, 'region') ?? cloud.region;
  return {
    cloud,
    region,
    defaultTags: textMap(block(connection.config, 'default_tags'), 'tags'),
    signal: connection.stop.signal,
    arn: (service, resource, scope) =>
      `arn:aws:${service}:${scope === 'global' ? '' : region}:${cloud.accountId}:${resource}`,
    records: (type) => cloud.store.collection<ResourceRecord>(`terraform/${type}`),
    async call<Output>(service: string, operation: string, input: object): Promise<Output> {
      if (region !== cloud.region) throw wrongRegion(cloud, service, region);
      try {
        return await cloud.invoke<Output>(service, operation, input);
      } catch (error) {
        throw error instanceof AwsError ? asOperationError(error, service, operation) : error;
      }
    },
  };
}

// Worded like the real provider's: "operation error ECS: CreateService, https response error StatusCode: 400, ...".
function asOperationError(error: AwsError, service: string, operation: string): AwsError {
  const where = `operation error ${SERVICE_IDS[service] ?? service}: ${operation}`;
  const message = `${where}, https response error StatusCode: ${error.status}, ${error.name}: ${error.message}`;
  return new AwsError(error.name, message, { status: error.status, details: { ...error.details } });
}

function wrongRegion(cloud: Cloud, service: string, region: string): AwsError {
  return new AwsError(
    'UnsupportedRegion',
    `the local cloud serves ${service} in ${cloud.region} only, not in ${region}`,
  );
}

/** Runs `work`; undefined if it fails with one of the error codes that mean "there is no such thing". */
export async function absentOn<Result>(
  codes: readonly string[],
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AwsError && codes.includes(error.name)) return undefined;
    throw error;
  }
}
