import type {
  CreateRuleInput,
  DeleteRuleInput,
  DescribeRulesInput,
  ModifyRuleInput,
  Rule,
  RuleCondition,
  SetRulePrioritiesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operation } from '../kit/service.ts';
import { forwardedGroups, normaliseActions } from './actions.ts';
import { defaultRuleArn, newRuleArn } from './arns.ts';
import { find, type ListenerRecord, type Records, type RuleRecord, values } from './records.ts';

export function ruleOperations(records: Records): Record<string, Operation> {
  const save = (record: RuleRecord): RuleRecord => {
    const rival = rulesOf(records, record.listenerArn).find(({ priority }) => priority === record.priority);
    if (rival && rival.arn !== record.arn) {
      throw new AwsError('PriorityInUseException', `Priority '${record.priority}' is currently in use`);
    }
    for (const group of forwardedGroups(record.actions)) find(records, 'targetGroups', group);
    records.rules.set(record.arn, record);
    return record;
  };
  return {
    CreateRule(input: CreateRuleInput) {
      const { arn: listenerArn } = find(records, 'listeners', input.ListenerArn);
      const record = save({
        arn: newRuleArn(listenerArn),
        listenerArn,
        priority: checkedPriority(input.Priority),
        conditions: normaliseConditions(input.Conditions),
        actions: normaliseActions(input.Actions),
        tags: input.Tags ?? [],
      });
      return { Rules: [view(record)] };
    },
    DescribeRules({ ListenerArn, RuleArns }: DescribeRulesInput) {
      if (RuleArns?.length) return { Rules: RuleArns.map((arn) => describeOne(records, arn)) };
      const listener = find(records, 'listeners', ListenerArn);
      return { Rules: [...rulesOf(records, listener.arn).map(view), defaultRule(listener)] };
    },
    ModifyRule({ RuleArn, Conditions, Actions }: ModifyRuleInput) {
      const current = find(records, 'rules', RuleArn);
      const record = save({
        ...current,
        conditions: Conditions ? normaliseConditions(Conditions) : current.conditions,
        actions: Actions ? normaliseActions(Actions) : current.actions,
      });
      return { Rules: [view(record)] };
    },
    SetRulePriorities({ RulePriorities = [] }: SetRulePrioritiesInput) {
      const changed = RulePriorities.map(({ RuleArn, Priority }) => ({
        ...find(records, 'rules', RuleArn),
        priority: checkedPriority(Priority),
      }));
      for (const { arn } of changed) records.rules.delete(arn);
      return { Rules: changed.map(save).map(view) };
    },
    DeleteRule({ RuleArn }: DeleteRuleInput) {
      records.rules.delete(find(records, 'rules', RuleArn).arn);
      return {};
    },
  };
}

/** Rules of a listener in the order in which they are tried, without the default rule. */
export function rulesOf(records: Records, listenerArn: string): readonly RuleRecord[] {
  return values(records.rules)
    .filter((rule) => rule.listenerArn === listenerArn)
    .toSorted((left, right) => left.priority - right.priority);
}

function checkedPriority(priority: number | undefined): number {
  if (priority === undefined || !Number.isInteger(priority) || priority < 1 || priority > 50_000) {
    throw new AwsError('ValidationError', `Priority must be between 1 and 50000, not '${priority}'`);
  }
  return priority;
}

const CONFIGS = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const;

/** Conditions as Elastic Load Balancing describes them: host and path patterns both as `Values` and in their config. */
function normaliseConditions(conditions: readonly RuleCondition[] = []): readonly RuleCondition[] {
  if (conditions.length === 0) throw new AwsError('ValidationError', 'A rule needs at least one condition');
  return conditions.map((condition) => {
    const name = CONFIGS[condition.Field as keyof typeof CONFIGS];
    if (!name) throw new AwsError('ValidationError', `Condition field '${condition.Field}' is not recognised`);
    if (name !== 'HostHeaderConfig' && name !== 'PathPatternConfig') return condition;
    const patterns = condition[name]?.Values ?? condition.Values;
    if (!patterns?.length) throw new AwsError('ValidationError', `A condition on ${condition.Field} needs values`);
    return { Field: condition.Field, Values: patterns, [name]: { Values: patterns } };
  });
}

function describeOne(records: Records, arn: string): Rule {
  const listener = values(records.listeners).find((candidate) => defaultRuleArn(candidate.arn) === arn);
  return listener ? defaultRule(listener) : view(find(records, 'rules', arn));
}

const defaultRule = (listener: ListenerRecord): Rule => ({
  RuleArn: defaultRuleArn(listener.arn),
  Priority: 'default',
  Conditions: [],
  Actions: [...listener.defaultActions],
  IsDefault: true,
});

const view = (record: RuleRecord): Rule => ({
  RuleArn: record.arn,
  Priority: String(record.priority),
  Conditions: [...record.conditions],
  Actions: [...record.actions],
  IsDefault: false,
});
