import type { FunctionContents, ImagePlatform, Inspect, SecretState } from '../ports/inspect.ts';
import type { RunningTask, TaskRequest, TaskState, Tasks } from '../ports/tasks.ts';
import type { FakeEcs } from './testing-ecs.ts';

const EXECUTION_SECRETS = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:';

/** An account in which everything is as it should be, until a test says otherwise. */
export class FakeInspect implements Inspect {
  readonly platform = new Map<string, readonly ImagePlatform[] | undefined>();
  readonly detached = new Set<string>();
  readonly secrets = new Map<string, Omit<SecretState, 'arn'>>();
  readonly untrusted = new Set<string>();
  readonly forbidden = new Set<string>();
  readonly functions = new Map<string, FunctionContents>();
  readonly missingImages: ReadonlySet<string>;
  readonly ecs: FakeEcs;

  constructor(missingImages: ReadonlySet<string>, ecs: FakeEcs) {
    this.missingImages = missingImages;
    this.ecs = ecs;
  }

  async platforms(_repository: string, digest: string): Promise<readonly ImagePlatform[] | undefined> {
    if (this.missingImages.has(digest)) return undefined;
    return this.platform.get(digest) ?? [{ os: 'linux', architecture: 'amd64' }];
  }
  async attached(arn: string): Promise<boolean> {
    return !this.detached.has(arn);
  }
  async secret(id: string): Promise<SecretState | undefined> {
    const name = id.replace(EXECUTION_SECRETS, '');
    const state = this.secrets.get(name);
    return state && { arn: EXECUTION_SECRETS + name, ...state };
  }
  async trusted(roleArn: string): Promise<readonly string[] | undefined> {
    return this.untrusted.has(roleArn) ? [] : ['ecs-tasks.amazonaws.com', 'lambda.amazonaws.com'];
  }
  async unreadable(_role: string, secrets: readonly string[]): Promise<readonly string[]> {
    return secrets.filter((secret) => this.forbidden.has(secret.replace(EXECUTION_SECRETS, '')));
  }
  async functionContents(functionName: string): Promise<FunctionContents> {
    return (
      this.functions.get(functionName) ?? {
        architecture: 'x86_64',
        roleArn: 'arn:aws:iam::000000000000:role/function',
        memory: '512',
        timeout: '10',
        image: '',
        environment: {},
      }
    );
  }
  async taskDefinition(arn: string) {
    return this.ecs.definitions.get(arn);
  }
}

/** One-off tasks that end at the second look. */
export class FakeTasks implements Tasks {
  readonly ran: TaskRequest[] = [];
  /** Command -> exit code; 0 unless it is here. */
  readonly exitCodes = new Map<string, number>();
  readonly left: RunningTask[] = [];
  #looks = 0;

  async run(request: TaskRequest): Promise<RunningTask> {
    this.ran.push(request);
    this.#looks = 0;
    return { cluster: request.cluster, id: `task-${this.ran.length}` };
  }
  async running(): Promise<readonly RunningTask[]> {
    return this.left;
  }
  async look({ id }: RunningTask): Promise<TaskState> {
    this.#looks++;
    if (this.#looks < 2) return { stopped: false, stoppedReason: '' };
    const command = this.ran[Number(id.split('-')[1]) - 1]?.command.join(' ') ?? '';
    const exitCode = this.exitCodes.get(command) ?? 0;
    return { stopped: true, exitCode, stoppedReason: 'Essential container in task exited' };
  }
}
