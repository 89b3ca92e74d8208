import { clusterName, deadLetterName, isPreview, serviceName } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import type { Construct } from './cdktf.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { DeadLetters } from './constructs/queue.ts';
import { ServiceAlarms } from './constructs/service-alarms.ts';
import type { Measured } from './constructs/service-metrics.ts';
import { readParameter } from './parameters.ts';
import type { PlatformValues } from './platform-values.ts';
import type { ServiceInput } from './service-environment.ts';
import { deployedServices } from './stack.ts';

/** A service, and where the load balancer finds it. */
interface Watched {
  readonly manifest: Manifest;
  readonly target?: { readonly arnSuffix: string };
}

/** The queue of invocations and starts that failed; one for all services of an environment, and none where nothing needs it. */
export function createDeadLetters(scope: Construct, input: ServiceInput, { keyArn }: PlatformValues): string {
  const needed = deployedServices(input).some(({ kind, schedule }) => kind === 'function' || schedule !== undefined);
  if (!needed) return '';
  const alarmTopic = isPreview(input.environment) ? {} : { alarmTopic: readParameter(scope, input, 'alarm-topic-arn') };
  const name = deadLetterName(input.environment, 'invocations');
  return new DeadLetters(scope, 'invocations', { name, keyArn, ...alarmTopic }).arn;
}

/** Alarms on each service, and the dashboard that shows what they look at. */
export function watch(scope: Construct, input: ServiceInput, services: readonly Watched[]): void {
  const topicArn = readParameter(scope, input, 'alarm-topic-arn');
  const balancer = readParameter(scope, input, 'load-balancer');
  const measured = services.map((service) => ({
    manifest: service.manifest,
    measured: { ...measuredAs(service, input), loadBalancer: balancer },
  }));
  for (const one of measured) new ServiceAlarms(scope, `alarms-${one.manifest.name}`, { ...one, topicArn });
  const { app, region } = input.project;
  new Dashboard(scope, 'dashboard', { name: `${app}-${input.environment}`, region, services: measured });
}

const measuredAs = ({ manifest, target }: Watched, input: ServiceInput): Omit<Measured, 'loadBalancer'> => ({
  serviceName: serviceName(input.environment, manifest.name),
  cluster: clusterName(input.environment),
  ...(target === undefined ? {} : { targetGroup: target.arnSuffix }),
});
