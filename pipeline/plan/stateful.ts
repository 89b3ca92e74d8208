/** Types whose destruction loses data, or what cannot be made again as it was: keys, addresses that others know, certificates of trust. */
const STATEFUL = new Set([
  // API keys belong to a plan by calls that Terraform never made.
  'aws_api_gateway_usage_plan',
  'aws_backup_vault',
  'aws_cloudtrail',
  'aws_cloudwatch_log_group',
  'aws_cognito_user_pool',
  'aws_cognito_user_pool_client',
  'aws_db_instance',
  'aws_dynamodb_table',
  'aws_ecr_repository',
  'aws_efs_file_system',
  'aws_eip',
  'aws_kms_key',
  'aws_rds_cluster',
  'aws_redshiftserverless_namespace',
  'aws_route53_zone',
  'aws_s3_bucket',
  'aws_secretsmanager_secret',
  'aws_sns_topic',
  'aws_sqs_queue',
]);

export const isStateful = (type: string): boolean => STATEFUL.has(type);
