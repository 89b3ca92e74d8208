import { clusterName, platformParameter } from '../../manifest/names.ts';
import { isRecord, ownNames, type Preview, previewBoundary, readsPlatform, refersTo } from './names.ts';
import { inspectCallers, inspectRolePolicy } from './policies.ts';
import { inspectRule } from './rules.ts';

type Resource = Readonly<Record<string, unknown>>;
type Inspect = (resource: Resource, preview: Preview) => readonly string[];

const say = (wrong: boolean, what: string): readonly string[] => (wrong ? [what] : []);

/** It has a name of the preview's own, written out. */
const named =
  (key: string, kind: 'plain' | 'role' | 'bucket' | 'log' | 'parameter' = 'plain'): Inspect =>
  (resource, preview) =>
    say(!ownNames(preview)[kind].test(String(resource[key])), `${key} ${JSON.stringify(resource[key])} is not its own`);

/** It belongs to another resource of the same stack. */
const partOf =
  (key: string, ...types: readonly string[]): Inspect =>
  (resource) =>
    say(!refersTo(resource[key], types), `${key} ${JSON.stringify(resource[key])} is none of its own`);

const onlyKeys =
  (...keys: readonly string[]): Inspect =>
  (resource) =>
    Object.keys(resource).flatMap((key) => (keys.includes(key) || META.includes(key) ? [] : [`sets ${key}`]));

const META = ['//', 'depends_on', 'lifecycle', 'tags'];
const ofBucket = partOf('bucket', 'aws_s3_bucket');

/** What a preview may be made of, and what has to hold of each. */
const TYPES: Readonly<Record<string, readonly Inspect[]>> = {
  aws_cloudwatch_log_group: [named('name', 'log')],
  aws_cloudwatch_metric_alarm: [named('alarm_name')],
  aws_dynamodb_table: [
    named('name'),
    ({ deletion_protection_enabled: held }) => say(held === true, 'could not be deleted'),
    onDemand,
  ],
  aws_ecs_service: [
    named('name'),
    ({ cluster }, preview) =>
      say(!readsPlatform(cluster, 'cluster-arn', preview), 'is not in the cluster of the previews'),
    partOf('task_definition', 'aws_ecs_task_definition'),
    ({ desired_count: count = 0 }) => say(Number(count) !== 0, 'has tasks before its first release'),
  ],
  aws_ecs_task_definition: [
    named('family'),
    partOf('execution_role_arn', 'aws_iam_role'),
    partOf('task_role_arn', 'aws_iam_role'),
  ],
  aws_iam_role: [
    named('name', 'role'),
    ({ permissions_boundary: boundary }, { project }) =>
      say(boundary !== previewBoundary(project), 'has not the permissions boundary of previews'),
    onlyKeys('name', 'description', 'permissions_boundary', 'assume_role_policy', 'max_session_duration'),
    ({ assume_role_policy: text }) => inspectCallers(text),
  ],
  aws_iam_role_policy: [
    partOf('role', 'aws_iam_role'),
    ({ policy: text }, preview) => inspectRolePolicy(text, preview),
    onlyKeys('name', 'role', 'policy'),
  ],
  aws_lambda_alias: [partOf('function_name', 'aws_lambda_function')],
  aws_lambda_event_source_mapping: [
    partOf('function_name', 'aws_lambda_function', 'aws_lambda_alias'),
    partOf('event_source_arn', 'aws_sqs_queue', 'aws_dynamodb_table'),
  ],
  aws_lambda_function: [named('function_name'), partOf('role', 'aws_iam_role')],
  aws_lambda_permission: [
    partOf('function_name', 'aws_lambda_function', 'aws_lambda_alias'),
    ({ principal }) => say(!/^\w+\.amazonaws\.com$/.test(String(principal)), `lets in ${principal}`),
  ],
  aws_lb_listener_rule: [inspectRule],
  aws_lb_target_group: [named('name')],
  aws_lb_target_group_attachment: [
    partOf('target_group_arn', 'aws_lb_target_group'),
    partOf('target_id', 'aws_lambda_alias'),
  ],
  aws_s3_bucket: [
    named('bucket', 'bucket'),
    ({ force_destroy: force }) => say(force !== true, 'could not be destroyed with what is in it'),
  ],
  aws_s3_bucket_lifecycle_configuration: [ofBucket],
  aws_s3_bucket_logging: [ofBucket],
  aws_s3_bucket_ownership_controls: [ofBucket],
  aws_s3_bucket_policy: [ofBucket],
  aws_s3_bucket_public_access_block: [ofBucket],
  aws_s3_bucket_server_side_encryption_configuration: [ofBucket],
  aws_s3_bucket_versioning: [ofBucket],
  aws_s3_object: [ofBucket],
  aws_scheduler_schedule: [named('name'), ({ target }) => partOf('role_arn', 'aws_iam_role')(first(target), NOWHERE)],
  aws_sns_topic: [named('name')],
  aws_sns_topic_policy: [partOf('arn', 'aws_sns_topic')],
  aws_sns_topic_subscription: [
    partOf('topic_arn', 'aws_sns_topic'),
    partOf('endpoint', 'aws_sqs_queue', 'aws_lambda_function', 'aws_lambda_alias'),
  ],
  aws_sqs_queue: [named('name')],
  aws_sqs_queue_policy: [partOf('queue_url', 'aws_sqs_queue')],
  aws_ssm_parameter: [named('name', 'parameter'), template],
};

const NOWHERE = { read: new Map() } as unknown as Preview;

/** What is wrong with one resource, in words. */
export function inspectResource(type: string, resource: unknown, preview: Preview): readonly string[] {
  const checks = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (checks === undefined) return ['is of a type that previews are not made of'];
  if (!isRecord(resource)) return ['is no resource'];
  const tags = isRecord(resource['tags']) ? Object.keys(resource['tags']) : [];
  return [
    ...checks.flatMap((inspect) => inspect(resource, preview)),
    // By these the sweep finds what is left.
    ...tags.flatMap((tag) => say(/^(?:Application|Environment|ManagedBy)$/i.test(tag), `sets the tag ${tag}`)),
    ...say(first(resource['lifecycle'])['prevent_destroy'] !== undefined, 'could not be destroyed'),
    ...['provider', 'count', 'for_each'].flatMap((key) => say(key in resource, `has a ${key}`)),
    // Who may use a bucket, a queue or a topic, wherever that can be said.
    ...('policy' in resource && type !== 'aws_iam_role_policy' ? inspectCallers(resource['policy']) : []),
  ];
}

/** Capacity that is paid for whether it is used or not has no place in a preview. */
function onDemand({ billing_mode: mode, replica }: Resource): readonly string[] {
  return [...say(mode !== 'PAY_PER_REQUEST', 'is paid for by the hour'), ...say(replica !== undefined, 'has replicas')];
}

/** What a release does is written there, and it is done with an identity that all previews share. */
function template(resource: Resource, preview: Preview): readonly string[] {
  const { project, environment } = preview;
  const [, service] =
    new RegExp(`^/${project.app}/${environment}/services/([\\w-]+)$`).exec(String(resource['name'])) ?? [];
  if (service === undefined) return [];
  const known = parse(resource['insecure_value'] ?? resource['value']);
  const definition = first(known['taskDefinition']);
  const { plain, log } = ownNames(preview);
  const own = (value: unknown): boolean => value === undefined || plain.test(String(value));
  const role = (value: unknown): boolean => value === undefined || refersTo(value, ['aws_iam_role']);
  return [
    ...say(known['service'] !== service, `is the template of ${known['service']}`),
    ...say(
      ![known['serviceName'], known['functionName'], definition['family']].every(own),
      'releases into something else',
    ),
    ...say(![definition['executionRoleArn'], definition['taskRoleArn']].every(role), 'gives its tasks another role'),
    ...say(known['cluster'] !== undefined && known['cluster'] !== clusterName(environment), 'runs in another cluster'),
    ...say(known['logGroup'] !== undefined && !log.test(String(known['logGroup'])), 'reads another log'),
    ...say(!pulls(known['repositoryUrl'], service, preview), 'takes images from elsewhere'),
    ...say(Number(known['desiredCount'] ?? 1) > MOST_TASKS, `wants ${known['desiredCount']} tasks`),
  ];
}

const MOST_TASKS = 4;

function pulls(value: unknown, service: string, { project, read }: Preview): boolean {
  const [, address = ''] = /^\$\{(data\.aws_ssm_parameter\.[\w-]+)\.insecure_value\}$/.exec(String(value)) ?? [];
  return read.get(address) === platformParameter(project.app, 'account', `repository/${service}`);
}

function parse(text: unknown): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(text));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

const first = (value: unknown): Record<string, unknown> => [value].flat().find(isRecord) ?? {};
