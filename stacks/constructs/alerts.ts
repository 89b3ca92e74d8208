import type { Project } from '../../pipeline/manifest/names.ts';
import {
  BudgetsBudget,
  CloudwatchEventRule,
  CloudwatchEventTarget,
  Construct,
  SnsTopic,
  SnsTopicPolicy,
  SnsTopicSubscription,
} from '../cdktf.ts';
import { serviceMayUseKey } from './key.ts';
import { onlyTls, policyDocument, type Statement } from './policy.ts';

interface AlertsProperties {
  readonly project: Project;
  readonly keyArn: string;
  readonly monthlyDollars: number;
}

const PUBLISHERS = { Budgets: 'budgets.amazonaws.com', Events: 'events.amazonaws.com' } as const;

/** Events that a person should hear of at once. EventBridge rules for AWS's own events cost nothing, unlike metric filters on the trail. */
const EVENTS = {
  threat: {
    about: 'GuardDuty found something serious',
    pattern: {
      source: ['aws.guardduty'],
      'detail-type': ['GuardDuty Finding'],
      detail: { severity: [{ numeric: ['>=', 7] }] },
    },
  },
  root: {
    about: 'Somebody uses the root user',
    pattern: {
      'detail-type': ['AWS Console Sign In via CloudTrail', 'AWS API Call via CloudTrail'],
      detail: { userIdentity: { type: ['Root'] } },
    },
  },
  'key-deletion': {
    about: 'A key is disabled or will be deleted',
    pattern: {
      source: ['aws.kms'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: { eventName: ['DisableKey', 'ScheduleKeyDeletion'] },
    },
  },
  trail: {
    about: 'Somebody changes the audit trail',
    pattern: {
      source: ['aws.cloudtrail'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: { eventName: ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'] },
    },
  },
} as const;

/** The topic that tells people about the account, the budget that stands behind it, and the events that go to it. */
export class Alerts extends Construct {
  constructor(scope: Construct, id: string, { project, keyArn, monthlyDollars }: AlertsProperties) {
    super(scope, id);
    const { app, accountId, alertEmail } = project;
    const topic = new SnsTopic(this, 'topic', { name: `${app}-alerts`, kmsMasterKeyId: keyArn });
    const policy = policyDocument([onlyTls(['sns:Publish'], [topic.arn]), publishing(topic.arn, accountId)]);
    new SnsTopicPolicy(this, 'policy', { arn: topic.arn, policy });
    if (alertEmail !== undefined) {
      new SnsTopicSubscription(this, 'email', { topicArn: topic.arn, protocol: 'email', endpoint: alertEmail });
    }
    new BudgetsBudget(this, 'budget', {
      name: `${app}-monthly`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      limitAmount: String(monthlyDollars),
      limitUnit: 'USD',
      notification: [notification('ACTUAL', 80, topic.arn), notification('FORECASTED', 100, topic.arn)],
    });
    for (const [name, { about, pattern }] of Object.entries(EVENTS)) {
      const rule = new CloudwatchEventRule(this, name, {
        name: `${app}-${name}`,
        description: about,
        eventPattern: JSON.stringify(pattern),
      });
      new CloudwatchEventTarget(this, `${name}-target`, { rule: rule.name, targetId: 'alerts', arn: topic.arn });
    }
  }
}

/** Grants that the topic's key needs: budgets and events come without a caller of this account. */
export const alertsMayUseKey = ({ accountId }: Project): readonly Statement[] =>
  Object.entries(PUBLISHERS).map(([Sid, service]) => serviceMayUseKey(Sid, service, accountId));

const publishing = (topic: string, accountId: string): Statement => ({
  Sid: 'Alerts',
  Effect: 'Allow',
  Principal: { Service: Object.values(PUBLISHERS) },
  Action: ['sns:Publish'],
  Resource: [topic],
  Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
});

const notification = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number, topic: string) => ({
  notificationType,
  threshold,
  thresholdType: 'PERCENTAGE',
  comparisonOperator: 'GREATER_THAN',
  subscriberSnsTopicArns: [topic],
});
