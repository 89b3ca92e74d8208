import type { Charge } from './fixed.ts';
import { runsIn } from './schedules.ts';
import type { CostedResource } from './types.ts';
import type { Assumption, Usage } from './usage.ts';
import { blocks, ofType, text } from './values.ts';

/** What a service's template says about its tasks; see pipeline/release/template.ts. */
interface Template {
  readonly service: string;
  readonly kind: string;
  readonly serviceName?: string;
  readonly desiredCount?: number;
  readonly scalesToZero?: boolean;
  readonly taskDefinition?: {
    readonly family: string;
    readonly cpu: string;
    readonly memory: string;
    readonly runtimePlatform?: { readonly cpuArchitecture?: string };
  };
}

export interface TaskCharges {
  readonly resource: string;
  readonly charges: readonly Charge[];
}

interface Situation {
  readonly usage: Pick<Usage, 'officeHoursPerMonth'>;
  readonly hours: number;
  readonly assumed: (name: Assumption) => number;
}

const MEGABYTES = 1024;
const SECONDS = 3600;

/**
 * Fargate tasks. Terraform creates services without tasks; how many there are, and how large, is in the templates that releases use. On demand
 * or Spot follows the service's capacity providers.
 */
export function taskCharges(resources: readonly CostedResource[], situation: Situation): TaskCharges[] {
  return ofType(resources, 'aws_ssm_parameter').flatMap((parameter) => {
    const template = readTemplate(parameter);
    if (template?.taskDefinition === undefined) return [];
    const charges =
      template.kind === 'job'
        ? jobCharges(template, resources, situation)
        : serviceCharges(template, resources, situation);
    return [{ resource: `service ${template.service}`, charges }];
  });
}

function readTemplate({ values }: CostedResource): Template | undefined {
  if (!/^\/[^/]+\/[^/]+\/services\/[^/]+$/.test(text(values, 'name'))) return undefined;
  const value = text(values, 'insecure_value') || text(values, 'value');
  try {
    // Expressions stand inside the JSON text until Terraform has replaced them; none of them is about cost.
    return JSON.parse(value.replaceAll(/\$\{[^{}]*\}/g, 'expression')) as Template;
  } catch {
    return undefined;
  }
}

function serviceCharges(
  template: Template,
  resources: readonly CostedResource[],
  situation: Situation,
): readonly Charge[] {
  const service = ofType(resources, 'aws_ecs_service').find(({ values }) => values['name'] === template.serviceName);
  const hours = hoursOf(template, resources, situation);
  return running(template, service?.values ?? {}, { tasks: template.desiredCount ?? 0, hours });
}

/** Tasks for so many hours each, on the capacity and with the addresses that a service or a schedule names. */
function running(
  template: Template,
  placed: CostedResource['values'],
  { tasks, hours }: { readonly tasks: number; readonly hours: number },
): readonly Charge[] {
  const { onDemand, spot } = capacity(placed, tasks);
  const [network = {}] = blocks(placed, 'network_configuration');
  const addresses = network['assign_public_ip'] === true ? onDemand + spot : 0;
  return [
    ...(onDemand > 0 ? sized(template, onDemand * hours, architecture(template)) : []),
    ...(spot > 0 ? sized(template, spot * hours, 'spot.x86') : []),
    ...(addresses > 0 ? [{ what: 'public IPv4 addresses', quantity: addresses * hours, price: 'ipv4.hour' }] : []),
  ];
}

/** A worker that scales to none runs while something waits for it. */
function hoursOf(template: Template, resources: readonly CostedResource[], situation: Situation): number {
  if (template.scalesToZero === true) return situation.assumed('workerHours');
  return sleeps(template, resources) ? situation.usage.officeHoursPerMonth : situation.hours;
}

/** A job pays while it runs: as often as its schedule says, or is assumed where the schedule does not tell. */
function jobCharges(
  template: Template,
  resources: readonly CostedResource[],
  { hours, assumed }: Situation,
): readonly Charge[] {
  const schedule = ofType(resources, 'aws_scheduler_schedule').find(
    ({ values }) => values['name'] === template.taskDefinition?.family,
  );
  if (schedule === undefined) return [];
  const [target = {}] = blocks(schedule.values, 'target');
  const [placed = {}] = blocks(target, 'ecs_parameters');
  const runs = runsIn(hours, text(schedule.values, 'schedule_expression')) ?? assumed('jobRuns');
  return running(template, placed, { tasks: 1, hours: (runs * assumed('jobSeconds')) / SECONDS });
}

function sized({ taskDefinition }: Template, hours: number, kind: string): readonly Charge[] {
  const [cpus, gigabytes] = [Number(taskDefinition?.cpu) / MEGABYTES, Number(taskDefinition?.memory) / MEGABYTES];
  const name = kind.replace('spot.x86', 'Spot').replace('arm', 'ARM');
  return [
    { what: `Fargate ${name}, ${cpus} vCPU`, quantity: hours * cpus, price: `fargate.${kind}.vcpu_h` },
    { what: `Fargate ${name}, ${gigabytes} GB`, quantity: hours * gigabytes, price: `fargate.${kind}.gb_h` },
  ];
}

const architecture = ({ taskDefinition }: Template): string =>
  taskDefinition?.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm' : 'x86';

/** The base comes first, the rest by weight, as ECS does it. */
function capacity(values: CostedResource['values'], tasks: number): { onDemand: number; spot: number } {
  const strategy = blocks(values, 'capacity_provider_strategy').map((one) => ({
    isSpot: one['capacity_provider'] === 'FARGATE_SPOT',
    base: Number(one['base'] ?? 0),
    weight: Number(one['weight'] ?? 0),
  }));
  const base = strategy.find((one) => one.base > 0);
  const first = Math.min(tasks, base?.base ?? 0);
  const weights = strategy.reduce((sum, { weight }) => sum + weight, 0);
  const spotWeight = strategy.reduce((sum, { isSpot, weight }) => sum + (isSpot ? weight : 0), 0);
  const spot = (weights === 0 ? 0 : ((tasks - first) * spotWeight) / weights) + (base?.isSpot ? first : 0);
  return { onDemand: tasks - spot, spot };
}

/** Whether a text holds a Terraform expression about a resource. */
const refersTo = (value: string, address: string): boolean => value.includes(`\${${address}.`);

/** Scheduled scaling to nothing means that the service runs in office hours only. */
function sleeps({ serviceName = '' }: Template, resources: readonly CostedResource[]): boolean {
  const service = ofType(resources, 'aws_ecs_service').find(({ values }) => values['name'] === serviceName);
  const isOurs = (id: string): boolean =>
    id.endsWith(`/${serviceName}`) || (service !== undefined && refersTo(id, service.address));
  return ofType(resources, 'aws_appautoscaling_scheduled_action').some(({ values }) => {
    const id = text(values, 'resource_id');
    // Synthesized stacks name the scaling target, which names the service.
    const target = resources.find(({ address }) => refersTo(id, address));
    return (
      isOurs(target === undefined ? id : text(target.values, 'resource_id')) &&
      blocks(values, 'scalable_target_action').some((action) => Number(action['max_capacity']) === 0)
    );
  });
}
