import type { Charge } from './fixed.ts';
import type { CostedResource } from './types.ts';
import type { Assumption } from './usage.ts';
import { text } from './values.ts';

interface Metered {
  readonly assumed: (name: Assumption) => number;
  readonly hours: number;
  /** Resources of the rule's type, at least one. */
  readonly resources: readonly CostedResource[];
}

type Rule = (metered: Metered) => readonly Charge[];

const MILLISECONDS = 1000;

/** A rule that multiplies assumptions with prices: [what, assumption, price][]. */
const by =
  (...parts: readonly (readonly [what: string, assumption: Assumption, price: string])[]): Rule =>
  ({ assumed }) =>
    parts.map(([what, assumption, price]) => ({ what, quantity: assumed(assumption), price }));

/** Types that cost by what goes through them: once for all resources of the type in an environment. */
export const METERED: Readonly<Record<string, Rule>> = {
  aws_lb: ({ assumed, hours, resources }) => [
    { what: 'capacity units', quantity: assumed('loadBalancerUnits') * hours * resources.length, price: 'alb.lcu_h' },
  ],
  aws_nat_gateway: by(['through NAT', 'natGigabytes', 'nat.gb']),
  aws_vpc_endpoint: ({ assumed, resources }) =>
    resources.some(({ values }) => text(values, 'vpc_endpoint_type') === 'Interface')
      ? [{ what: 'through interface endpoints', quantity: assumed('endpointGigabytes'), price: 'vpce.if.gb' }]
      : [],
  aws_wafv2_web_acl: by(['requests', 'requestsMillions', 'waf.req_m']),
  aws_kms_key: by(['requests', 'keyRequests10k', 'kms.req_10k']),
  aws_secretsmanager_secret: by(['requests', 'secretRequests10k', 'secret.req_10k']),
  aws_cloudwatch_log_group: by(
    ['taken in', 'logGigabytes', 'cw.logs_gb'],
    ['kept', 'logStoredGigabytes', 'cw.logs_store_gb'],
  ),
  aws_flow_log: by(['taken in', 'flowLogGigabytes', 'cw.vended_gb']),
  aws_dynamodb_table: by(
    ['writes', 'tableWritesMillions', 'ddb.wru_m'],
    ['reads', 'tableReadsMillions', 'ddb.rru_m'],
    ['kept', 'tableGigabytes', 'ddb.gb'],
    ['recovery to any second', 'tableGigabytes', 'ddb.pitr_gb'],
  ),
  aws_s3_bucket: by(['kept', 'bucketGigabytes', 's3.gb']),
  aws_ecr_repository: by(['kept', 'imageGigabytes', 'ecr.gb']),
  aws_backup_plan: by(['kept', 'backupGigabytes', 'backup.ddb_gb']),
  aws_sqs_queue: ({ assumed }) => [
    { what: 'requests above the free million', quantity: above(assumed('queueRequestsMillions'), 1), price: 'sqs.m' },
  ],
  aws_api_gateway_rest_api: by(['requests', 'apiRequestsMillions', 'apigw.rest_m']),
  aws_apigatewayv2_api: by(['requests', 'apiRequestsMillions', 'apigw.http_m']),
  aws_lambda_function: ({ assumed, resources }) => {
    const requests = assumed('functionRequestsMillions');
    const gigabytes = Math.max(...resources.map(({ values }) => Number(values['memory_size'] ?? 128))) / 1024;
    const isArm = resources.every(({ values }) => JSON.stringify(values['architectures'] ?? '').includes('arm64'));
    const seconds = (requests * 1e6 * assumed('functionMilliseconds')) / MILLISECONDS;
    return [
      { what: 'requests', quantity: requests, price: 'lambda.req_m' },
      { what: 'time', quantity: seconds * gigabytes, price: isArm ? 'lambda.arm_gbs' : 'lambda.x86_gbs' },
    ];
  },
  aws_cognito_user_pool: ({ assumed }) => [
    { what: 'users above the free 10,000', quantity: above(assumed('users'), 10_000), price: 'cognito.ess_mau' },
  ],
  aws_guardduty_detector: by(
    ['management events', 'guardDutyEventsMillions', 'guardduty.mgmt_m'],
    ['flow logs and DNS', 'guardDutyGigabytes', 'guardduty.flow_gb'],
  ),
  aws_guardduty_detector_feature: ({ assumed, resources }) =>
    resources.some(({ values }) => values['name'] === 'RUNTIME_MONITORING' && values['status'] === 'ENABLED')
      ? [{ what: 'runtime monitoring', quantity: assumed('runtimeMonitoredCpus'), price: 'guardduty.runtime_vcpu' }]
      : [],
  aws_xray_sampling_rule: ({ assumed }) => [
    { what: 'traces above the free 100,000', quantity: above(assumed('tracesMillions'), 0.1), price: 'xray.trace_m' },
  ],
  // The first copy of management events is free, as are three dashboards.
  aws_cloudtrail: ({ assumed, resources }) => [
    {
      what: 'further copies of management events',
      quantity: above(resources.length, 1) * assumed('guardDutyEventsMillions') * 10,
      price: 'cloudtrail.extra_100k',
    },
  ],
  aws_cloudwatch_dashboard: ({ resources }) => [
    { what: 'dashboards above the free three', quantity: above(resources.length, 3), price: 'cw.dashboard' },
  ],
};

const above = (quantity: number, free: number): number => Math.max(0, quantity - free);
