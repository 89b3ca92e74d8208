import { hostName, serviceName } from '../../pipeline/manifest/names.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { Construct, LbListenerRule, LbTargetGroup } from '../cdktf.ts';
import type { EnvironmentSettings } from '../environments.ts';
import { rulePriorities } from '../rule-priority.ts';
import type { StackInput } from '../stack.ts';

interface TargetProperties {
  readonly manifest: Manifest;
  readonly input: StackInput;
  readonly settings: EnvironmentSettings;
  readonly vpcId: string;
  readonly listenerArn: string;
}

/** A target group and the listener rules that lead to it: one per route, on the environment's host. */
export class Target extends Construct {
  readonly arn: string;
  readonly rules: readonly LbListenerRule[];

  constructor(scope: Construct, id: string, properties: TargetProperties) {
    super(scope, id);
    const { manifest, input, listenerArn } = properties;
    const { arn } = createGroup(this, properties);
    this.arn = arn;
    const all = input.manifests.flatMap(({ routes = [] }) => routes);
    const priorities = rulePriorities(input.environment, all);
    const host = hostName(input.project, input.environment);
    this.rules = (manifest.routes ?? []).map(
      (route) =>
        new LbListenerRule(this, `rule ${route}`, {
          listenerArn,
          priority: priorities.get(route),
          condition: [{ hostHeader: { values: [host] } }, { pathPattern: { values: [route] } }],
          action: [{ type: 'forward', targetGroupArn: arn }],
        }),
    );
  }
}

function createGroup(scope: Construct, { manifest, input, settings, vpcId }: TargetProperties): LbTargetGroup {
  const name = serviceName(input.environment, manifest.name);
  if (manifest.kind === 'function') return new LbTargetGroup(scope, 'group', { name, targetType: 'lambda' });
  return new LbTargetGroup(scope, 'group', {
    name,
    targetType: 'ip',
    vpcId,
    protocol: 'HTTP',
    // Only a default: ECS registers every task with its own port. Naming that one here would replace the group when it changes.
    port: 80,
    deregistrationDelay: String(settings.drainSeconds),
    healthCheck: {
      path: manifest.health,
      matcher: '200',
      interval: settings.healthCheckSeconds,
      timeout: Math.min(5, settings.healthCheckSeconds - 1),
      healthyThreshold: 2,
      unhealthyThreshold: 3,
    },
  });
}
