import { many } from '../../iam/policy.ts';
import { isRecord, ownNames, type Preview } from './names.ts';

/** What services of previews may be given; their boundary caps it once more. */
const SERVICES = ['dynamodb', 'ecr', 'ecs', 'logs', 's3', 'secretsmanager', 'sns', 'sqs', 'xray'];
/** Of services that can do more harm, these alone. */
const ACTIONS = ['iam:PassRole', 'ecs:RunTask', 'secretsmanager:GetSecretValue'];
/** Those that know no resources. */
const EVERYWHERE = ['ecr:GetAuthorizationToken', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
/** Who takes on roles, or calls what a preview has. */
const CALLERS = /^(?:ecs-tasks|ecs|lambda|scheduler|sns|sqs|elasticloadbalancing)\.amazonaws\.com$/;

type Statement = Readonly<Record<string, unknown>>;

/** What is wrong with the policy of a role: nothing of others, nothing that gives access. */
export const inspectRolePolicy = (policy: unknown, preview: Preview): readonly string[] =>
  statementsOf(policy, (statement) => [
    ...unknownKeys(statement, ['Sid', 'Effect', 'Action', 'Resource', 'Condition']),
    ...words(statement['Action']).flatMap((action) => (mayAct(action) ? [] : [`allows ${action}`])),
    ...words(statement['Resource']).flatMap((resource) =>
      isOwn(resource, words(statement['Action']), preview) ? [] : [`allows access to ${resource}`],
    ),
  ]);

/** What is wrong with who may take on a role, or use a bucket, queue or topic. */
export const inspectCallers = (policy: unknown): readonly string[] =>
  statementsOf(policy, ({ Principal, ...statement }) => {
    const services = isRecord(Principal) ? words(Principal['Service']) : [];
    const others = isRecord(Principal) ? Object.keys(Principal).filter((kind) => kind !== 'Service') : [Principal];
    return [
      ...unknownKeys(statement, ['Sid', 'Effect', 'Action', 'Resource', 'Condition']),
      ...others.map((other) => `lets in ${JSON.stringify(other) ?? 'anybody'}`),
      ...services.flatMap((service) => (CALLERS.test(service) ? [] : [`lets in ${service}`])),
    ];
  });

/** A statement that denies takes nothing from anybody else. */
function statementsOf(policy: unknown, inspect: (statement: Statement) => readonly string[]): readonly string[] {
  const document = parsed(policy);
  if (!isRecord(document)) return ['is no policy in JSON'];
  return many(document['Statement'] as Statement | readonly Statement[]).flatMap((statement) => {
    if (!isRecord(statement)) return ['has a statement that is none'];
    return statement['Effect'] === 'Deny' ? [] : inspect(statement);
  });
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

const unknownKeys = (statement: Statement, known: readonly string[]): readonly string[] =>
  Object.keys(statement).flatMap((key) => (known.includes(key) ? [] : [`uses ${key}`]));

const words = (value: unknown): readonly string[] => many(value as string | readonly string[] | undefined).map(String);

function mayAct(action: string): boolean {
  const [service = '', name = ''] = action.split(':');
  if (ACTIONS.includes(action)) return true;
  if (['iam', 'ecs', 'secretsmanager'].includes(service)) return false;
  return SERVICES.includes(service) && /^[A-Z]\w+$/.test(name) && !/Policy|Permission|Acl|Attribute$/i.test(name);
}

const OWN_TYPES = 'dynamodb_table|sqs_queue|sns_topic|s3_bucket|iam_role|lambda_function|ecs_task_definition';
const REFERENCE = new RegExp(`^\\$\\{aws_(?:${OWN_TYPES})\\.[\\w-]+\\.arn\\}(?:/\\*|:\\*|/index/\\*)?$`);

function isOwn(resource: string, actions: readonly string[], preview: Preview): boolean {
  if (resource === '*') return actions.every((action) => EVERYWHERE.includes(action));
  if (REFERENCE.test(resource)) return true;
  // Reading images and secrets of all previews is all that leads outside.
  return ownNames(preview).arn.test(resource);
}
