import { PREVIEW_PASSWORD_HEADER } from '../../pipeline/manifest/names.ts';
import { CloudwatchLogGroup, Construct, Wafv2WebAcl, Wafv2WebAclLoggingConfiguration } from '../cdktf.ts';
import { type SignIn, signInRule } from './sign-in.ts';

interface WafProperties {
  readonly name: string;
  readonly keyArn: string;
  readonly logRetentionDays: number;
  /** Where nobody is let in without a password. Absent: nowhere. */
  readonly signIn?: Omit<SignIn, 'priority'>;
}

/** Requests of one address in five minutes. */
const RATE_LIMIT = 5000;
const MANAGED_GROUPS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
];

const SECRET_HEADERS = ['authorization', 'cookie', PREVIEW_PASSWORD_HEADER];

/**
 * AWS's managed rules and a rate limit, with a log that leaves credentials out. One for every load balancer and API of the account: it costs nine dollars a month, however
 * many stand behind it, and addresses that misbehave on staging are none that production wants.
 */
export class Waf extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, keyArn, logRetentionDays, signIn }: WafProperties) {
    super(scope, id);
    const acl = new Wafv2WebAcl(this, 'acl', {
      name,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(name),
      rule: [
        ...MANAGED_GROUPS.map(managedRule),
        rateRule(),
        ...(signIn === undefined ? [] : [signInRule({ ...signIn, priority: MANAGED_GROUPS.length + 1 })]),
      ],
    });
    this.arn = acl.arn;
    const group = new CloudwatchLogGroup(this, 'log', {
      // WAF only writes to groups whose names start so.
      name: `aws-waf-logs-${name}`,
      retentionInDays: logRetentionDays,
      kmsKeyId: keyArn,
    });
    new Wafv2WebAclLoggingConfiguration(this, 'logging', {
      resourceArn: acl.arn,
      logDestinationConfigs: [group.arn],
      redactedFields: SECRET_HEADERS.map((header) => ({ singleHeader: { name: header } })),
    });
  }
}

/** `statement` has no type in CDKTF and is passed on as it is: snake case. */
function managedRule(group: string, index: number) {
  return {
    name: group,
    priority: index,
    overrideAction: { none: {} },
    statement: { managed_rule_group_statement: { vendor_name: 'AWS', name: group, ...exceptions(group) } },
    visibilityConfig: visibility(group),
  };
}

/** Inputs of a model are larger than the 8 KB that the common rules allow for a body; services limit their bodies themselves. */
function exceptions(group: string): object {
  if (group !== 'AWSManagedRulesCommonRuleSet') return {};
  return { rule_action_override: [{ name: 'SizeRestrictions_BODY', action_to_use: { count: {} } }] };
}

const rateRule = () => ({
  name: 'rate',
  priority: MANAGED_GROUPS.length,
  action: { block: {} },
  statement: { rate_based_statement: { limit: RATE_LIMIT, aggregate_key_type: 'IP', evaluation_window_sec: 300 } },
  visibilityConfig: visibility('rate'),
});

const visibility = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});
