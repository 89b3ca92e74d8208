import type { RunningTask, TaskState } from '../ports/tasks.ts';
import type { Target } from '../rollout/mover.ts';
import { logLocation, shortRevision } from '../rollout/task-definition.ts';
import { messageOf, type ServiceFailure } from './failure.ts';
import type { AppliedMigration, Control } from './ledger.ts';
import type { HeldLock } from './lock.ts';
import { appliedTo, type PlannedMigration } from './migration.ts';
import type { Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { ServiceTemplate } from './template.ts';
import type { Release } from './types.ts';

export interface MigrateRequest {
  readonly plan: Plan;
  readonly targets: ReadonlyMap<string, Target>;
  readonly release: Release;
  readonly control: Control;
  readonly lock: Pick<HeldLock, 'signal'>;
}

type Failure = Omit<ServiceFailure, 'service'>;

const LOG_LINES = 20;
const POLL_MS = 1_000;
const TIMEOUT_MS = 30 * 60_000;

/**
 * Runs the migrations of a plan one after the other, each as a task of the service's new revision, and keeps on record which level the
 * data reached. The first failure stops everything, before any service moved. A migration that runs is never left alone: whoever is
 * asked to stop meanwhile stops after it.
 */
export async function migrateAll(request: MigrateRequest, ports: ReleasePorts): Promise<readonly ServiceFailure[]> {
  const { plan, lock } = request;
  if (plan.migrations.length > 0) ports.progress.phase('migrate');
  for (const migration of plan.migrations) {
    if (lock.signal.aborted) return [];
    await remember(migration, { request, done: false }, ports);
    const failure = await migrate(migration, request, ports).catch((error: unknown) => ({ message: messageOf(error) }));
    if (failure !== undefined) return [{ service: migration.service, ...failure }];
    await remember(migration, { request, done: true }, ports);
    ports.progress.line(`${migration.service}: its data is at level ${migration.level} now`);
  }
  return [];
}

async function migrate(
  { service, level, from, command }: PlannedMigration,
  { plan, targets }: MigrateRequest,
  ports: ReleasePorts,
): Promise<Failure | undefined> {
  const { tasks, progress } = ports;
  const template = plan.moves.find((move) => move.service === service)?.template as ServiceTemplate;
  const revision = targets.get(service)?.revision;
  if (revision === undefined) throw new Error(`${service} has a migration but no revision to run it with`);
  const { cluster, serviceName, taskDefinition } = template;
  const startedBy = `migrate-${level}-${serviceName}`.slice(0, 36);
  // A run that died left its task behind, and two at once is what a migration cannot bear.
  for (const task of await tasks.running({ cluster, startedBy })) await end(task, ports);
  progress.line(`${service}: from level ${from} to ${level} as ${shortRevision(revision)}: ${command.join(' ')}`);
  const container = String(taskDefinition.containerDefinitions[0]['name']);
  const request = { cluster, service: serviceName, taskDefinition: revision, container, command, startedBy };
  const task = await tasks.run(request);
  const ended = await end(task, ports);
  return ended.exitCode === 0 ? undefined : explain(task, { ended, template }, ports);
}

async function end(task: RunningTask, { tasks, clock }: ReleasePorts): Promise<TaskState> {
  const deadline = clock.now() + TIMEOUT_MS;
  for (;;) {
    const state = await tasks.look(task);
    if (state.stopped) return state;
    if (clock.now() > deadline) {
      throw new Error(
        `task ${task.id} still runs after ${TIMEOUT_MS / 60_000} minutes; look at it before trying again`,
      );
    }
    await clock.sleep(POLL_MS);
  }
}

async function explain(
  { id }: RunningTask,
  { ended, template }: { readonly ended: TaskState; readonly template: ServiceTemplate },
  { observe }: ReleasePorts,
): Promise<Failure> {
  const { exitCode, stoppedReason } = ended;
  const at = logLocation(template.taskDefinition);
  const lines = { group: at?.group ?? '', streamPrefix: `${at?.streamPrefix ?? ''}${id}`, lines: LOG_LINES };
  const logs = at === undefined ? [] : await observe.lastLogLines(lines).catch(() => []);
  const how = exitCode === undefined ? 'did not run to its end' : `ended with exit code ${exitCode}`;
  return { message: `the migration ${how}`, stoppedReason, ...(logs.length > 0 && { logs }) };
}

async function remember(
  { service, level, compatibleFrom }: PlannedMigration,
  { request, done }: { readonly request: MigrateRequest; readonly done: boolean },
  { ledger, clock }: ReleasePorts,
): Promise<void> {
  const { release, control } = request;
  const at = new Date(clock.now()).toISOString();
  const before = appliedTo(service, control.migrations).filter((migration) => migration.level !== level);
  const applied: AppliedMigration = { level, compatibleFrom, release: release.id, at, done };
  await ledger.saveMigrations(release.environment, service, [...before, applied]);
}
