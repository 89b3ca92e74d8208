import { hostName, PREVIEW_HEADER } from '../pipeline/manifest/names.ts';
import { type Construct, LbListenerRule } from './cdktf.ts';
import { keepRobotsOut } from './constructs/preview-entrance.ts';
import { headerRules, type PlacedRule, placedRules } from './constructs/target.ts';
import { publishParameter, readParameter } from './parameters.ts';
import { readPlatform } from './platform-values.ts';
import type { StackInput } from './stack.ts';

/** A service as far as the load balancer goes; without a target it has no routes. */
interface Routed {
  readonly name: string;
  readonly target?: { readonly arn: string };
}

/** Where previews find the services that they do not run themselves. */
export function addPreviewEntrance(scope: Construct, input: StackInput, services: readonly Routed[]): void {
  const targets = new Map(services.flatMap(({ name, target }) => (target === undefined ? [] : [[name, target.arn]])));
  for (const [name, arn] of targets) publishParameter(scope, input, [`target/${name}`, arn]);
  const { listenerArn } = readPlatform(scope, input);
  keepRobotsOut(scope, 'robots', { ...input, listenerArn });
}

/** Rules of a preview besides those of its own services: paths of staging's that a wider path of its own would take, and the header's. */
export function addPreviewRules(scope: Construct, input: StackInput, services: readonly Routed[]): void {
  const { listenerArn } = readPlatform(scope, input);
  const targetOf = ({ service, own }: PlacedRule): string | undefined =>
    own
      ? services.find(({ name }) => name === service)?.target?.arn
      : readParameter(scope, { ...input, environment: 'staging' }, `target/${service}`);
  const add = (id: string, rule: PlacedRule, conditions: readonly object[]): void => {
    const targetGroupArn = targetOf(rule);
    if (targetGroupArn === undefined) return;
    new LbListenerRule(scope, `${id} ${rule.paths[0]}`, {
      listenerArn,
      priority: rule.priority,
      condition: [...conditions, { pathPattern: { values: [...rule.paths] } }],
      action: [{ type: 'forward', targetGroupArn }],
    });
  };
  const host = (environment: string) => ({ hostHeader: { values: [hostName(input.project, environment)] } });
  const named = { httpHeader: { httpHeaderName: PREVIEW_HEADER, values: [input.environment] } };
  for (const rule of placedRules(input)) if (!rule.own) add('shared', rule, [host(input.environment)]);
  for (const rule of headerRules(input)) add('header', rule, [host('staging'), named]);
}
