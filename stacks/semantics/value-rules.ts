import { INSTANCE_RULES } from './instance-rules.ts';

/** What AWS asks of one argument, from the provider's own checks and the service's documentation. */
export interface ValueRule {
  readonly type: string;
  /** Dotted; blocks on the way count each. */
  readonly path: string;
  readonly rule: Text | Range | Choice;
}

export interface Text {
  readonly longest: number;
  readonly shortest?: number;
  readonly pattern?: RegExp;
  /** The pattern in words. */
  readonly form?: string;
}
export interface Range {
  readonly from: number;
  readonly to: number;
}
export interface Choice {
  readonly oneOf: readonly (string | number)[];
}

const SIMPLE = { pattern: /^[A-Za-z0-9_-]+$/, form: 'letters, digits, hyphens and underscores' };
const DOTTED = { pattern: /^[A-Za-z0-9_.-]+$/, form: 'letters, digits, hyphens, dots and underscores' };
const BALANCER = {
  longest: 32,
  pattern: /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
  form: 'letters, digits and hyphens, not at an end, and not internal- in front',
};
const FIREWALL_TEXT = {
  longest: 255,
  pattern: /^[0-9A-Za-z_ .:/()#,@[\]+=&;{}!$*-]*$/,
  form: 'letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*',
};
const IAM = { pattern: /^[\w+=,.@-]+$/, form: 'letters, digits and +=,.@_-' };
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const COMPARISONS = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
];

const rules = (type: string, paths: Readonly<Record<string, ValueRule['rule']>>): readonly ValueRule[] =>
  Object.entries(paths).map(([path, rule]) => ({ type, path, rule }));

export const VALUE_RULES: readonly ValueRule[] = [
  ...INSTANCE_RULES,
  ...rules('aws_lb', {
    name: BALANCER,
    load_balancer_type: { oneOf: ['application', 'network', 'gateway'] },
    desync_mitigation_mode: { oneOf: ['monitor', 'defensive', 'strictest'] },
  }),
  ...rules('aws_lb_target_group', {
    name: BALANCER,
    target_type: { oneOf: ['instance', 'ip', 'lambda', 'alb'] },
    deregistration_delay: { from: 0, to: 3600 },
    'health_check.interval': { from: 5, to: 300 },
    'health_check.timeout': { from: 2, to: 120 },
    'health_check.healthy_threshold': { from: 2, to: 10 },
    'health_check.unhealthy_threshold': { from: 2, to: 10 },
  }),
  ...rules('aws_lb_listener', {
    port: { from: 1, to: 65535 },
    protocol: { oneOf: ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE'] },
  }),
  ...rules('aws_lb_listener_rule', {
    priority: { from: 1, to: 50_000 },
    'condition.path_pattern.values': { longest: 128 },
    'condition.host_header.values': { longest: 128 },
  }),
  ...rules('aws_ecs_cluster', { name: { longest: 255, ...SIMPLE } }),
  ...rules('aws_ecs_service', {
    name: { longest: 255, ...SIMPLE },
    deployment_minimum_healthy_percent: { from: 0, to: 100 },
    deployment_maximum_percent: { from: 100, to: 200 },
    'capacity_provider_strategy.weight': { from: 0, to: 1000 },
    'capacity_provider_strategy.base': { from: 0, to: 100_000 },
    availability_zone_rebalancing: { oneOf: ['ENABLED', 'DISABLED'] },
    propagate_tags: { oneOf: ['SERVICE', 'TASK_DEFINITION', 'NONE'] },
  }),
  ...rules('aws_ecs_task_definition', {
    family: { longest: 255, ...SIMPLE },
    cpu: { oneOf: [256, 512, 1024, 2048, 4096, 8192, 16384] },
    'runtime_platform.cpu_architecture': { oneOf: ['ARM64', 'X86_64'] },
  }),
  ...rules('aws_iam_role', {
    name: { longest: 64, ...IAM },
    description: { longest: 1000 },
    max_session_duration: { from: 3600, to: 43_200 },
    // The quota of a new account.
    assume_role_policy: { longest: 2048 },
  }),
  ...rules('aws_iam_role_policy', { name: { longest: 128, ...IAM }, policy: { longest: 10_240 } }),
  ...rules('aws_iam_policy', {
    name: { longest: 128, ...IAM },
    description: { longest: 1000 },
    policy: { longest: 6144 },
  }),
  ...rules('aws_s3_bucket', {
    bucket: {
      shortest: 3,
      longest: 63,
      pattern: /^(?!xn--|sthree-)[a-z0-9](?:[a-z0-9-]|\.(?!\.))*[a-z0-9](?<!-s3alias|--ol-s3)$/,
      form: 'lower case letters, digits, hyphens and single dots',
    },
  }),
  ...rules('aws_dynamodb_table', {
    name: { shortest: 3, longest: 255, ...DOTTED },
    billing_mode: { oneOf: ['PAY_PER_REQUEST', 'PROVISIONED'] },
  }),
  ...rules('aws_sqs_queue', {
    name: { longest: 80, ...SIMPLE },
    visibility_timeout_seconds: { from: 0, to: 43_200 },
    message_retention_seconds: { from: 60, to: 1_209_600 },
    receive_wait_time_seconds: { from: 0, to: 20 },
    kms_data_key_reuse_period_seconds: { from: 60, to: 86_400 },
  }),
  ...rules('aws_sns_topic', { name: { longest: 256, ...SIMPLE } }),
  ...rules('aws_sns_topic_subscription', {
    protocol: { oneOf: ['sqs', 'sms', 'lambda', 'firehose', 'application', 'email', 'email-json', 'http', 'https'] },
  }),
  ...rules('aws_lambda_function', {
    function_name: { longest: 64, ...SIMPLE },
    description: { longest: 256 },
    memory_size: { from: 128, to: 10_240 },
    timeout: { from: 1, to: 900 },
    architectures: { oneOf: ['arm64', 'x86_64'] },
    'tracing_config.mode': { oneOf: ['Active', 'PassThrough'] },
  }),
  ...rules('aws_lambda_alias', { name: { longest: 128, ...SIMPLE } }),
  ...rules('aws_lambda_permission', { statement_id: { longest: 100, ...SIMPLE } }),
  ...rules('aws_cloudwatch_log_group', {
    name: { longest: 512, pattern: /^[\w./#-]+$/, form: 'letters, digits and _-/.#' },
    retention_in_days: { oneOf: RETENTION },
  }),
  ...rules('aws_cloudwatch_metric_alarm', {
    alarm_name: { longest: 255 },
    alarm_description: { longest: 1024 },
    comparison_operator: { oneOf: COMPARISONS },
    statistic: { oneOf: ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] },
    treat_missing_data: { oneOf: ['breaching', 'notBreaching', 'ignore', 'missing'] },
    evaluation_periods: { from: 1, to: 1440 },
    period: { from: 10, to: 86_400 },
  }),
  ...rules('aws_cloudwatch_dashboard', { dashboard_name: { longest: 255, ...SIMPLE } }),
  ...rules('aws_cloudwatch_event_rule', { name: { longest: 64, ...DOTTED }, description: { longest: 512 } }),
  ...rules('aws_kms_alias', {
    name: { longest: 256, pattern: /^alias\/(?!aws\/)[\w/-]+$/, form: 'alias/ and letters, digits, _-/' },
  }),
  ...rules('aws_kms_key', { deletion_window_in_days: { from: 7, to: 30 }, policy: { longest: 32_768 } }),
  ...rules('aws_secretsmanager_secret', {
    name: { longest: 512, pattern: /^[\w/+=.@-]+$/, form: 'letters, digits and /_+=.@-' },
    description: { longest: 2048 },
    recovery_window_in_days: { oneOf: [0, ...Array.from({ length: 24 }, (_, index) => index + 7)] },
  }),
  ...rules('aws_ssm_parameter', {
    name: { longest: 1011, pattern: /^(?!\/?(?:aws|ssm))[\w./-]+$/i, form: 'letters, digits and ._-/' },
    type: { oneOf: ['String', 'StringList', 'SecureString'] },
    // Advanced parameters; standard ones hold half of it.
    insecure_value: { longest: 8192 },
  }),
  ...rules('aws_scheduler_schedule', {
    name: { longest: 64, ...DOTTED },
    schedule_expression: { longest: 256, pattern: /^(?:rate|cron|at)\(.+\)$/, form: 'rate(...), cron(...) or at(...)' },
    'target.retry_policy.maximum_retry_attempts': { from: 0, to: 185 },
    'target.retry_policy.maximum_event_age_in_seconds': { from: 60, to: 86_400 },
  }),
  ...rules('aws_wafv2_web_acl', {
    name: { longest: 128, ...SIMPLE },
    scope: { oneOf: ['REGIONAL', 'CLOUDFRONT'] },
    'rule.name': { longest: 128, ...SIMPLE },
    'rule.statement.rate_based_statement.limit': { from: 10, to: 2_000_000_000 },
    'rule.statement.rate_based_statement.evaluation_window_sec': { oneOf: [60, 120, 300, 600] },
  }),
  ...rules('aws_appautoscaling_target', {
    min_capacity: { from: 0, to: 10_000 },
    max_capacity: { from: 0, to: 10_000 },
  }),
  ...rules('aws_appautoscaling_policy', { name: { longest: 255 } }),
  ...rules('aws_route53_record', {
    type: {
      oneOf: [
        'A',
        'AAAA',
        'CAA',
        'CNAME',
        'DS',
        'MX',
        'NAPTR',
        'NS',
        'PTR',
        'SOA',
        'SPF',
        'SRV',
        'TXT',
        'HTTPS',
        'SVCB',
      ],
    },
  }),
  ...rules('aws_acm_certificate', {
    // The first name is the certificate's common name.
    domain_name: { longest: 64 },
    validation_method: { oneOf: ['DNS', 'EMAIL', 'NONE'] },
  }),
  ...rules('aws_security_group', { name: FIREWALL_TEXT, description: FIREWALL_TEXT }),
  ...rules('aws_vpc_security_group_ingress_rule', { description: FIREWALL_TEXT, from_port: { from: -1, to: 65535 } }),
  ...rules('aws_vpc_security_group_egress_rule', { description: FIREWALL_TEXT, from_port: { from: -1, to: 65535 } }),
  ...rules('aws_budgets_budget', {
    name: { longest: 100 },
    time_unit: { oneOf: ['DAILY', 'MONTHLY', 'QUARTERLY', 'ANNUALLY'] },
  }),
  ...rules('aws_backup_vault', { name: { shortest: 2, longest: 50, ...SIMPLE } }),
  ...rules('aws_backup_plan', { name: { longest: 50, ...DOTTED } }),
  ...rules('aws_backup_selection', { name: { longest: 50, ...DOTTED } }),
  ...rules('aws_xray_sampling_rule', {
    rule_name: { longest: 32 },
    priority: { from: 1, to: 9999 },
    fixed_rate: { from: 0, to: 1 },
  }),
  ...rules('aws_cloudtrail', { name: { shortest: 3, longest: 128, ...DOTTED } }),
  ...rules('aws_ecr_repository', {
    name: {
      shortest: 2,
      longest: 256,
      pattern: /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
      form: 'lower case letters, digits, and ._-/ between them',
    },
    image_tag_mutability: { oneOf: ['MUTABLE', 'IMMUTABLE'] },
  }),
  ...rules('aws_accessanalyzer_analyzer', { analyzer_name: { longest: 255, ...DOTTED } }),
  ...rules('aws_vpc', {
    cidr_block: { longest: 18, pattern: /^(?:\d{1,3}\.){3}\d{1,3}\/(?:1[6-9]|2[0-8])$/, form: 'a block of /16 to /28' },
  }),
  ...rules('aws_flow_log', { traffic_type: { oneOf: ['ALL', 'ACCEPT', 'REJECT'] } }),
];
