export interface TaskRequest {
  readonly cluster: string;
  /** ECS service in whose network the task runs. */
  readonly service: string;
  readonly taskDefinition: string;
  readonly container: string;
  readonly command: readonly string[];
  /** At most 36 characters; finds the task again. */
  readonly startedBy: string;
}

export interface RunningTask {
  readonly cluster: string;
  readonly id: string;
}

export interface TaskState {
  readonly stopped: boolean;
  readonly exitCode?: number;
  readonly stoppedReason: string;
}

/** One-off tasks. */
export interface Tasks {
  run(request: TaskRequest): Promise<RunningTask>;
  running(request: Pick<TaskRequest, 'cluster' | 'startedBy'>): Promise<readonly RunningTask[]>;
  look(task: RunningTask): Promise<TaskState>;
}
