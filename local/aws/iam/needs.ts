import { balancingAccess, ecsAccess, lambdaAccess, logsAccess } from './compute.ts';
import { type Account, arn, asArn, type Input, list, type NeededAccess } from './names.ts';
import { dynamodbAccess, ecrAccess, s3Access } from './storage.ts';

/** Services whose permissions have another prefix than their signatures. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', tagging: 'tag' };

/** Operations for which IAM is not asked. */
const FREE = new Set(['sts:GetCallerIdentity', 'sts:AssumeRoleWithWebIdentity']);

/** The permissions that a call needs, by service (its signing name) and operation. */
export function neededAccess(service: string, operation: string, input: Input, account: Account): NeededAccess[] {
  if (FREE.has(`${service}:${operation}`)) return [];
  switch (service) {
    case 's3':
      return s3Access(operation, input);
    case 'dynamodb':
      return dynamodbAccess(operation, input, account);
    case 'ecr':
      return ecrAccess(operation, input, account);
    case 'ecs':
      return ecsAccess(operation, input, account);
    case 'lambda':
      return lambdaAccess(operation, input, account);
    case 'elasticloadbalancing':
      return balancingAccess(operation, input);
    case 'logs':
      return logsAccess(operation, input, account);
    case 'ssm':
      return parameterAccess(operation, input, account);
    default:
      return [
        { action: `${PREFIXES[service] ?? service}:${operation}`, resource: resourceOf(service, input, account) },
      ];
  }
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
function parameterAccess(operation: string, input: Input, account: Account): NeededAccess[] {
  const action = `ssm:${operation}`;
  if (operation === 'DescribeParameters') return [{ action, resource: '*' }];
  const names = list(input['Names']);
  const all = names.length > 0 ? names : [input['Name'] ?? input['Path'] ?? input['ResourceId']];
  return all.map((name) => ({ action, resource: arn(account, 'ssm', `parameter/${String(name).replace(/^\//, '')}`) }));
}

function resourceOf(service: string, input: Input, account: Account): string {
  const { SecretId, QueueUrl, TopicArn, RoleArn, Name } = input;
  if (service === 'iam') {
    const { RoleName, PolicySourceArn } = input;
    return RoleName === undefined
      ? String(PolicySourceArn ?? '*')
      : `arn:aws:iam::${account.accountId}:role/${RoleName}`;
  }
  if (service === 'secretsmanager' && (SecretId ?? Name) !== undefined) {
    // Secrets Manager adds six characters to every name.
    return asArn(account, 'secretsmanager', 'secret:', `${String(SecretId ?? Name)}-000000`);
  }
  if (service === 'sqs' && QueueUrl !== undefined) return arn(account, 'sqs', String(QueueUrl).split('/').at(-1) ?? '');
  return String(TopicArn ?? RoleArn ?? input['ResourceArn'] ?? input['ResourceARN'] ?? '*');
}
