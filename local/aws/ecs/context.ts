import type { Cloud } from '../../cloud.ts';
import type { EcsRecords, ServiceRecord, TaskDefinitionRecord, TaskRecord } from './records.ts';

/** What the operations and the controller share. */
export interface EcsContext {
  readonly cloud: Cloud;
  readonly records: EcsRecords;
  readonly tasks: TaskRunner;
  /** Looks at a service soon: something about it changed. */
  wake(service: Pick<ServiceRecord, 'cluster' | 'name'>): void;
}

export interface NewTask {
  readonly cluster: string;
  readonly taskDefinition: TaskDefinitionRecord;
  readonly group: string;
  readonly startedBy: string;
  readonly targetGroups?: readonly string[];
  readonly overrides?: TaskRecord['overrides'];
  readonly launchType?: string;
  readonly tags?: TaskRecord['tags'];
}

export interface StopReason {
  readonly code: NonNullable<TaskRecord['stopCode']>;
  readonly reason: string;
}

/** Starts and stops the containers behind task records. */
export interface TaskRunner {
  start(task: NewTask): TaskRecord;
  /** Deregisters, drains, then ends the container. Resolves when the task is STOPPED; calling it again waits for the same stop. */
  stop(task: TaskRecord, reason: StopReason): Promise<void>;
  /** A fault: the container's program is killed. Returns whether it ran. */
  crash(task: TaskRecord): boolean;
  /** Ends everything at once, without draining. */
  close(): Promise<void>;
}
