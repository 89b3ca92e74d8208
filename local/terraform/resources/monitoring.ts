import type { ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { arnOf, constant, generatedName, joined, same, uuid } from './make.ts';

const COMPARISONS = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'GreaterThanUpperThreshold',
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'LessThanOrEqualToThreshold',
  'LessThanThreshold',
];

/** Alarms, dashboards, log extras and event rules. They are recorded; an alarm has the state that SetAlarmState gave it, and nothing local fires a rule. */
export const monitoring: Readonly<Record<string, ResourceDefinition>> = {
  aws_cloudwatch_metric_alarm: record('aws_cloudwatch_metric_alarm', {
    defaults: { actions_enabled: true, treat_missing_data: 'missing' },
    forceNew: ['alarm_name'],
    oneOf: {
      comparison_operator: COMPARISONS,
      statistic: ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'],
      treat_missing_data: ['breaching', 'notBreaching', 'ignore', 'missing'],
    },
    computed: { id: same('alarm_name'), arn: arnOf('cloudwatch', 'alarm:{alarm_name}') },
  }),
  aws_cloudwatch_composite_alarm: record('aws_cloudwatch_composite_alarm', {
    defaults: { actions_enabled: true },
    forceNew: ['actions_enabled', 'alarm_name'],
    computed: { id: same('alarm_name'), arn: arnOf('cloudwatch', 'alarm:{alarm_name}') },
  }),
  aws_cloudwatch_dashboard: record('aws_cloudwatch_dashboard', {
    forceNew: ['dashboard_name'],
    json: ['dashboard_body'],
    computed: {
      id: same('dashboard_name'),
      dashboard_arn: arnOf('cloudwatch', 'dashboard/{dashboard_name}', 'global'),
    },
  }),
  aws_cloudwatch_log_metric_filter: record('aws_cloudwatch_log_metric_filter', {
    defaults: { 'metric_transformation.unit': 'None' },
    forceNew: ['log_group_name', 'name'],
    computed: { id: same('name'), apply_on_transformed_logs: constant(false) },
  }),
  aws_cloudwatch_log_resource_policy: record('aws_cloudwatch_log_resource_policy', {
    forceNew: ['policy_name'],
    json: ['policy_document'],
    computed: { id: same('policy_name') },
  }),
  aws_cloudwatch_query_definition: record('aws_cloudwatch_query_definition', {
    computed: { query_definition_id: uuid, id: same('query_definition_id') },
  }),
  aws_cloudwatch_event_rule: record('aws_cloudwatch_event_rule', {
    defaults: { event_bus_name: 'default', force_destroy: false },
    forceNew: ['event_bus_name', 'name', 'name_prefix'],
    json: ['event_pattern'],
    oneOf: { state: ['DISABLED', 'ENABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] },
    computed: {
      name: generatedName,
      id: (values) =>
        values['event_bus_name'] === 'default'
          ? (values['name'] ?? '')
          : `${String(values['event_bus_name'])}/${String(values['name'])}`,
      arn: (values, context) =>
        context.arn(
          'events',
          values['event_bus_name'] === 'default'
            ? `rule/${String(values['name'])}`
            : `rule/${String(values['event_bus_name'])}/${String(values['name'])}`,
        ),
    },
  }),
  aws_cloudwatch_event_target: record('aws_cloudwatch_event_target', {
    defaults: { event_bus_name: 'default', force_destroy: false },
    forceNew: ['event_bus_name', 'rule', 'target_id'],
    computed: { target_id: generatedName, id: joined('{rule}-{target_id}') },
  }),
  aws_appautoscaling_target: record('aws_appautoscaling_target', {
    adopts: true,
    forceNew: ['resource_id', 'scalable_dimension', 'service_namespace'],
    computedBlocks: ['suspended_state'],
    computed: {
      id: same('resource_id'),
      arn: (values, context) =>
        context.arn('application-autoscaling', `scalable-target/${String(uuid(values, context)).replaceAll('-', '')}`),
      role_arn: arnOf(
        'iam',
        'role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
        'global',
      ),
    },
  }),
  aws_appautoscaling_policy: record('aws_appautoscaling_policy', {
    defaults: {
      policy_type: 'StepScaling',
      'target_tracking_scaling_policy_configuration.disable_scale_in': false,
    },
    forceNew: ['name', 'resource_id', 'scalable_dimension', 'service_namespace'],
    oneOf: { policy_type: ['StepScaling', 'TargetTrackingScaling', 'PredictiveScaling'] },
    computed: {
      id: same('name'),
      arn: (values, context) =>
        context.arn(
          'autoscaling',
          `scalingPolicy:${String(uuid(values, context))}:resource/${String(values['service_namespace'])}/${String(values['resource_id'])}:policyName/${String(values['name'])}`,
        ),
      alarm_arns: () => [],
    },
  }),
  aws_appautoscaling_scheduled_action: record('aws_appautoscaling_scheduled_action', {
    defaults: { timezone: 'UTC' },
    forceNew: ['name', 'resource_id', 'scalable_dimension', 'service_namespace'],
    computed: {
      id: joined('{name}-{service_namespace}-{resource_id}'),
      arn: (values, context) =>
        context.arn(
          'autoscaling',
          `scheduledAction:${String(uuid(values, context))}:resource/${String(values['resource_id'])}:scheduledActionName/${String(values['name'])}`,
        ),
    },
  }),
};
