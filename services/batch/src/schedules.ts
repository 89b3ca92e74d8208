/**
 * A tenant's own schedule of this job: EventBridge Scheduler starts a task that is told whose files to predict. Where and as whom the task runs is copied from
 * the schedule that Terraform made for all tenants.
 */
import { createHash } from 'node:crypto';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  paginateListSchedules,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { isPart } from '../../kit/model/name.ts';
import type { Result } from '../../kit/result.ts';
import type { Scope } from './plan.ts';

export interface TenantScope extends Scope {
  readonly tenant: string;
}

export interface Schedules {
  /** @param expression `rate(1 day)`, `cron(0 3 * * ? *)`. @returns the schedule's name */
  put(scope: TenantScope, expression: string): Promise<Result<string>>;
  list(): Promise<string[]>;
  remove(scope: TenantScope): Promise<Result<string>>;
  /** Starts a task now. @returns its ARN */
  start(scope: TenantScope): Promise<Result<string>>;
}

const LONGEST_NAME = 64;
const HASH_CHARACTERS = 12;
const SERVICE = 'batch';

export function createSchedules(
  environment: string,
  scheduler = new SchedulerClient(),
  ecs = new ECSClient(),
): Schedules {
  const all = `${environment}-${SERVICE}`;
  const nameOf = (scope: TenantScope): string => scheduleName(all, scope);
  const find = async (Name: string): Promise<GetScheduleCommandOutput | undefined> => {
    try {
      return await scheduler.send(new GetScheduleCommand({ Name }));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  const model = async (): Promise<Result<GetScheduleCommandOutput>> => {
    const found = await find(all);
    return found
      ? { ok: true, value: found }
      : { ok: false, error: `there is no schedule ${all}; deploy ${environment} first` };
  };
  return {
    async put(scope, expression) {
      const problem = findProblem(scope);
      if (problem !== undefined) return { ok: false, error: problem };
      const found = await model();
      if (!found.ok) return found;
      const { Target, FlexibleTimeWindow, KmsKeyArn } = found.value;
      const Name = nameOf(scope);
      const schedule = {
        Name,
        ScheduleExpression: expression,
        FlexibleTimeWindow,
        Target: { ...Target, Arn: Target?.Arn, RoleArn: Target?.RoleArn, Input: JSON.stringify(overridesOf(scope)) },
        ...(KmsKeyArn && { KmsKeyArn }),
        Description: `Files of ${scope.tenant}${scope.model === undefined ? '' : ` for ${scope.model}`}`,
      };
      await scheduler.send(
        (await find(Name)) ? new UpdateScheduleCommand(schedule) : new CreateScheduleCommand(schedule),
      );
      return { ok: true, value: Name };
    },
    async list() {
      const names: string[] = [];
      for await (const { Schedules: found = [] } of paginateListSchedules(
        { client: scheduler },
        { NamePrefix: `${all}-` },
      ))
        names.push(...found.map(({ Name = '' }) => Name));
      return names;
    },
    async remove(scope) {
      const Name = nameOf(scope);
      if (!(await find(Name))) return { ok: false, error: `there is no schedule ${Name}` };
      await scheduler.send(new DeleteScheduleCommand({ Name }));
      return { ok: true, value: Name };
    },
    async start(scope) {
      const problem = findProblem(scope);
      if (problem !== undefined) return { ok: false, error: problem };
      const found = await model();
      return found.ok ? startTask(ecs, found.value, scope) : found;
    },
  };
}

/** A name of its own for each scope: no tenant and no model has a dot, and what is too long ends with a hash of itself. */
function scheduleName(all: string, { tenant, model }: TenantScope): string {
  const name = `${all}-${tenant}${model === undefined ? '' : `.${model}`}`;
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARACTERS);
  return `${name.slice(0, LONGEST_NAME - HASH_CHARACTERS - 1)}.${hash}`;
}

async function startTask(
  ecs: ECSClient,
  { Target }: GetScheduleCommandOutput,
  scope: TenantScope,
): Promise<Result<string>> {
  const { TaskDefinitionArn, CapacityProviderStrategy = [], NetworkConfiguration } = Target?.EcsParameters ?? {};
  const { Subnets, SecurityGroups, AssignPublicIp } = NetworkConfiguration?.awsvpcConfiguration ?? {};
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: Target?.Arn,
      taskDefinition: TaskDefinitionArn,
      capacityProviderStrategy: CapacityProviderStrategy.map(({ capacityProvider, weight, base }) => ({
        capacityProvider,
        weight,
        base,
      })),
      networkConfiguration: {
        awsvpcConfiguration: { subnets: Subnets, securityGroups: SecurityGroups, assignPublicIp: AssignPublicIp },
      },
      overrides: overridesOf(scope),
    }),
  );
  const [task] = tasks;
  if (task?.taskArn) return { ok: true, value: task.taskArn };
  return { ok: false, error: `no task was started: ${failures.map(({ reason }) => reason).join(', ')}` };
}

/** What the task is told; see main.ts. */
function overridesOf({ tenant, model, input, output }: TenantScope) {
  const variables = { TENANT: tenant, MODEL: model, INPUT: input, OUTPUT: output };
  const environment = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  return { containerOverrides: [{ name: SERVICE, environment }] };
}

function findProblem({ tenant, model }: TenantScope): string | undefined {
  const wrong = [tenant, ...(model === undefined ? [] : [model])].find((part) => !isPart(part));
  return wrong === undefined ? undefined : `"${wrong}" is no name: lower case letters, digits and hyphens`;
}
