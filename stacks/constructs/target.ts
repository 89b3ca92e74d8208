import { hostName, previewHosts, serviceName } from '../../pipeline/manifest/names.ts';
import { type PreviewRule, previewRules } from '../../pipeline/manifest/preview-rules.ts';
import { isShifted } from '../../pipeline/manifest/rollout.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { Construct, LbListenerRule, LbTargetGroup } from '../cdktf.ts';
import type { EnvironmentSettings } from '../environments.ts';
import { environmentPriorities, previewPriorities } from '../rule-priority.ts';
import { deployedServices, type StackInput } from '../stack.ts';

interface TargetProperties {
  readonly manifest: Manifest;
  readonly input: StackInput;
  readonly settings: EnvironmentSettings;
  readonly vpcId: string;
  readonly listenerArn: string;
}

/** Paths that lead to one service, and the number of the rule that says so. */
export interface PlacedRule extends Pick<PreviewRule, 'service' | 'own' | 'paths'> {
  readonly priority: number;
}

/** A target group and the listener rules that lead to it, on the environment's host. */
export class Target extends Construct {
  readonly arn: string;
  /** Part of the ARN that CloudWatch calls its metrics by. */
  readonly arnSuffix: string;
  /** The other group, where requests are shifted between two. */
  readonly alternateArn?: string;
  readonly rules: readonly LbListenerRule[];

  constructor(scope: Construct, id: string, properties: TargetProperties) {
    super(scope, id);
    const { manifest, input, listenerArn } = properties;
    const name = serviceName(input.environment, manifest.name);
    const { arn, arnSuffix } = createGroup(this, 'group', name, properties);
    const alternate = shifts(properties)
      ? createGroup(this, 'alternate', `${input.environment}--${manifest.name}`, properties)
      : undefined;
    if (alternate !== undefined) this.alternateArn = alternate.arn;
    this.arn = arn;
    this.arnSuffix = arnSuffix;
    const hosts = hostsOf(input);
    this.rules = placedRules(input)
      .filter(({ service, own }) => service === manifest.name && own)
      .map(
        ({ paths, priority }) =>
          new LbListenerRule(this, `rule ${paths[0]}`, {
            listenerArn,
            priority,
            condition: [{ hostHeader: { values: [...hosts] } }, { pathPattern: { values: [...paths] } }],
            ...forwardTo(arn, alternate?.arn),
          }),
      );
  }
}

/** Staging answers for previews, too: whatever a preview has no rule of its own for. Its rules come after theirs. */
const hostsOf = ({ project, environment }: StackInput): readonly string[] => {
  const own = hostName(project, environment);
  return environment === 'staging' ? [own, previewHosts(project)] : [own];
};

/** Whether requests to a service are shifted between two target groups. Previews roll: nobody would wait for them to bake. */
export const shifts = ({ manifest, input }: Pick<TargetProperties, 'manifest' | 'input'>): boolean =>
  manifest.kind === 'web' && input.preview === undefined && isShifted(manifest.rollout);

/** The weights are ECS's: it moves them with every release. */
const forwardTo = (arn: string, alternate: string | undefined) =>
  alternate === undefined
    ? { action: [{ type: 'forward', targetGroupArn: arn }] }
    : {
        action: [
          {
            type: 'forward',
            forward: {
              targetGroup: [
                { arn, weight: 100 },
                { arn: alternate, weight: 0 },
              ],
            },
          },
        ],
        lifecycle: { ignoreChanges: ['action'] },
      };

/** Every rule of an environment: one per route where services stay, as few as can be where many previews share a listener. */
export function placedRules({ manifests, preview, ...input }: StackInput): readonly PlacedRule[] {
  if (preview === undefined) {
    const all = manifests.flatMap(({ name, routes = [] }) => routes.map((route) => ({ service: name, route })));
    const priorities = environmentPriorities(all.map(({ route }) => route));
    const rules: readonly PlacedRule[] = all.map(({ service, route }) => ({
      service,
      own: true,
      paths: [route],
      priority: priorities.get(route) ?? 0,
    }));
    const shifted = manifests.filter((manifest) => shifts({ manifest, input: { manifests, ...input } }));
    return shifted.reduce<readonly PlacedRule[]>((placed, { name }) => inOneRule(placed, name), rules);
  }
  const rules = previewRules(
    manifests,
    deployedServices({ manifests, preview, ...input }).map(({ name }) => name),
  );
  const priorities = previewPriorities(preview.place, preview.header ? rules.length * 2 : rules.length);
  return rules.map((rule, index) => ({ ...rule, priority: priorities[index] ?? 0 }));
}

/** Weights are those of one rule, so a service whose requests are shifted has one: at the place of its widest route. */
function inOneRule(rules: readonly PlacedRule[], service: string): PlacedRule[] {
  const own = rules.filter((rule) => rule.service === service);
  const priority = Math.max(...own.map((rule) => rule.priority));
  const paths = own.flatMap((rule) => rule.paths);
  return [...rules.filter((rule) => rule.service !== service), { service, own: true, paths, priority }];
}

/** The same rules once more, for requests to staging's host that name the preview in a header; numbered after the others. */
export function headerRules(input: StackInput): readonly PlacedRule[] {
  if (!input.preview?.header) return [];
  const rules = placedRules(input);
  return rules.map((rule) => ({ ...rule, priority: rule.priority + rules.length }));
}

function createGroup(
  scope: Construct,
  id: string,
  name: string,
  { manifest, settings, vpcId }: TargetProperties,
): LbTargetGroup {
  if (manifest.kind === 'function') {
    // AWS ignores the delay of a function, but shows the default of five minutes.
    const deregistrationDelay = String(settings.drainSeconds);
    return new LbTargetGroup(scope, id, { name, targetType: 'lambda', deregistrationDelay });
  }
  return new LbTargetGroup(scope, id, {
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
