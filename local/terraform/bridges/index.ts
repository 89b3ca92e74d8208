import type { ResourceDefinition } from '../engine/definition.ts';
import { dynamodbTable } from './dynamodb-table.ts';
import { ecrLifecyclePolicy, ecrRepository, ecrRepositoryPolicy } from './ecr.ts';
import { ecsCluster } from './ecs-cluster.ts';
import { ecsService } from './ecs-service.ts';
import { ecsTaskDefinition } from './ecs-task-definition.ts';
import { lambdaAlias, lambdaPermission } from './lambda-access.ts';
import { lambdaFunction } from './lambda-function.ts';
import { listener } from './listener.ts';
import { listenerRule } from './listener-rule.ts';
import { loadBalancer } from './load-balancer.ts';
import { logGroup } from './log-group.ts';
import { queues } from './queue.ts';
import { s3Bucket } from './s3-bucket.ts';
import { s3Object } from './s3-object.ts';
import { s3Settings } from './s3-settings.ts';
import { schedules } from './schedule.ts';
import { secret, secretVersion } from './secret.ts';
import { ssmParameter } from './ssm-parameter.ts';
import { targetAttachment } from './target-attachment.ts';
import { targetGroup } from './target-group.ts';
import { topics } from './topic.ts';

/** Types whose resources belong to a served AWS service: Terraform and the SDK see the same thing. */
export const bridges: Readonly<Record<string, ResourceDefinition>> = {
  aws_cloudwatch_log_group: logGroup,
  aws_dynamodb_table: dynamodbTable,
  aws_ecr_lifecycle_policy: ecrLifecyclePolicy,
  aws_ecr_repository: ecrRepository,
  aws_ecr_repository_policy: ecrRepositoryPolicy,
  aws_ecs_cluster: ecsCluster,
  aws_ecs_service: ecsService,
  aws_ecs_task_definition: ecsTaskDefinition,
  aws_lambda_alias: lambdaAlias,
  aws_lambda_function: lambdaFunction,
  aws_lambda_permission: lambdaPermission,
  aws_lb: loadBalancer,
  aws_lb_listener: listener,
  aws_lb_listener_rule: listenerRule,
  aws_lb_target_group: targetGroup,
  aws_lb_target_group_attachment: targetAttachment,
  aws_s3_bucket: s3Bucket,
  aws_s3_object: s3Object,
  aws_secretsmanager_secret: secret,
  aws_secretsmanager_secret_version: secretVersion,
  aws_ssm_parameter: ssmParameter,
  ...queues,
  ...s3Settings,
  ...schedules,
  ...topics,
};
