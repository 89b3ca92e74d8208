import { select } from '../controls/paths.ts';
import type { Entry, Problem } from './problem.ts';

/** Attributes that name a thing in AWS, by which two of them collide. */
const NAMES = ['name', 'function_name', 'alarm_name', 'dashboard_name', 'family', 'rule_name'];
/** Types whose name only counts within something else. */
const NAMED_WITHIN = ['aws_iam_role_policy', 'aws_lambda_alias', 'aws_route53_record', 'aws_backup_selection'];
/** Values that a listener's rule may have in all its conditions. */
const CONDITION_VALUES = 5;

/** Arguments that fit by themselves but not together. */
export function contradictions(entries: readonly Entry[]): readonly Problem[] {
  return [...sameNames(entries), ...entries.flatMap((entry) => RULES.flatMap((rule) => rule(entry)))];
}

function sameNames(entries: readonly Entry[]): readonly Problem[] {
  const places = entries.flatMap((entry) => {
    const own = entry.type === 'aws_s3_bucket' ? ['bucket'] : NAMES;
    const attribute = own.find((name) => typeof entry.value[name] === 'string');
    if (attribute === undefined || entry.type.startsWith('data.') || NAMED_WITHIN.includes(entry.type)) return [];
    const value = String(entry.value[attribute]);
    return value.includes('${') ? [] : [{ entry, attribute, value, key: `${entry.type} ${value}` }];
  });
  return [...Map.groupBy(places, ({ key }) => key).values()].flatMap(([first, ...others]) =>
    others.map(({ entry, attribute, value }) => ({
      file: entry.stack,
      field: `${entry.address}.${attribute}`,
      value,
      problem: `is also the name of ${first?.entry.address}`,
      fix: 'Rename one of the two',
    })),
  );
}

const number = (entry: Entry, path: string): number => Number(select(entry.value, path)[0]);

const RULES: readonly ((entry: Entry) => readonly Problem[])[] = [
  (entry) =>
    entry.type === 'aws_lb_target_group' &&
    number(entry, 'health_check.timeout') >= number(entry, 'health_check.interval')
      ? [finding(entry, 'health_check.timeout', 'is not shorter than the interval between two checks')]
      : [],
  (entry) =>
    entry.type === 'aws_appautoscaling_target' && number(entry, 'min_capacity') > number(entry, 'max_capacity')
      ? [finding(entry, 'min_capacity', 'is more than max_capacity')]
      : [],
  (entry) =>
    entry.type === 'aws_cloudwatch_metric_alarm' &&
    number(entry, 'datapoints_to_alarm') > number(entry, 'evaluation_periods')
      ? [finding(entry, 'datapoints_to_alarm', 'is more than evaluation_periods')]
      : [],
  (entry) =>
    entry.type === 'aws_ecs_service' &&
    entry.value['availability_zone_rebalancing'] === 'ENABLED' &&
    number(entry, 'deployment_maximum_percent') <= 100
      ? [finding(entry, 'deployment_maximum_percent', 'leaves no room to rebalance zones')]
      : [],
  (entry) => {
    if (entry.type !== 'aws_lb_listener_rule') return [];
    const count = select(entry.value, 'condition').flatMap(
      (one) => JSON.stringify(one).match(/"values":\[[^\]]*\]/g) ?? [],
    );
    const values = count.reduce((sum, list) => sum + (list.match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 1) - 1, 0);
    return values > CONDITION_VALUES
      ? [finding(entry, 'condition', `has ${values} values, at most ${CONDITION_VALUES}`)]
      : [];
  },
];

const finding = (entry: Entry, path: string, problem: string): Problem => ({
  file: entry.stack,
  field: `${entry.address}.${path}`,
  value: select(entry.value, path)[0],
  problem,
  fix: 'Change it where it comes from: stacks/environments.ts, or the manifest of the service',
});
