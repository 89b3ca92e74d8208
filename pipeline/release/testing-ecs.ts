import type { Ecs, EcsDeployment, EcsService, StoppedTask, TaskDefinitionInput } from '../ports/ecs.ts';

/** How an image behaves once it runs. */
export type Behaviour = 'never starts' | 'answers' | 'answers wrongly' | 'crashes' | 'breaker goes back';

interface FakeDeployment {
  readonly id: string;
  readonly taskDefinition: string;
  looks: number;
}

interface FakeService {
  readonly status: string;
  desired: number;
  current: FakeDeployment;
  /** What served before, for the circuit breaker. */
  before: FakeDeployment;
}

/** ECS in memory: a good deployment completes at the second look, a bad one loses a task at each. */
export class FakeEcs implements Ecs {
  readonly services = new Map<string, FakeService>();
  readonly definitions = new Map<string, TaskDefinitionInput>();
  readonly inactive = new Set<string>();
  /** Service -> error that its next update throws. */
  readonly refuseUpdate = new Map<string, string>();
  updates = 0;
  readonly behaviourOf: (digest: string) => Behaviour;
  #deployments = 0;

  constructor(behaviourOf: (digest: string) => Behaviour) {
    this.behaviourOf = behaviourOf;
  }

  /** What Terraform makes: a service with no tasks on the bootstrap revision. */
  createService(name: string): void {
    const current = this.#deployment(this.#define(name, `${name}:bootstrap`));
    this.services.set(name, { status: 'ACTIVE', desired: 0, current, before: current });
  }

  /** Image of the revision that a service runs. */
  runningImage(name: string): string {
    return this.image(this.services.get(name)?.current.taskDefinition ?? '');
  }

  image(arn: string): string {
    return this.definitions.get(arn)?.containerDefinitions?.[0]?.image ?? '';
  }

  async describeService({ service }: { service: string }): Promise<EcsService | undefined> {
    const found = this.services.get(service);
    if (found === undefined) return undefined;
    found.current.looks++;
    const behaviour = this.#behaviour(found.current);
    if (behaviour === 'breaker goes back' && found.current.looks > 2)
      found.current = this.#deployment(found.before.taskDefinition);
    return this.#toService(found);
  }

  async updateService({ service }: { service: string }, change: { taskDefinition?: string; desiredCount?: number }) {
    const found = this.services.get(service);
    const refusal = this.refuseUpdate.get(service);
    this.refuseUpdate.delete(service);
    if (found === undefined || refusal !== undefined) throw new Error(refusal ?? `no service ${service}`);
    this.updates++;
    found.desired = change.desiredCount ?? found.desired;
    if (change.taskDefinition !== undefined && change.taskDefinition !== found.current.taskDefinition) {
      found.before = found.current;
      found.current = this.#deployment(change.taskDefinition);
    }
    return this.#toService(found);
  }

  async serviceDeployment() {
    return undefined;
  }

  async rollBackDeployment(): Promise<void> {}

  async stoppedTasks({ service }: { service: string }): Promise<readonly StoppedTask[]> {
    const found = this.services.get(service);
    if (found === undefined || this.#behaviour(found.current) !== 'crashes') return [];
    const { taskDefinition } = found.current;
    return [{ id: 'task-1', taskDefinition, stoppedReason: 'Essential container in task exited', exitCode: 1 }];
  }

  async register(input: TaskDefinitionInput): Promise<string> {
    return this.#define(input.family ?? '', input.containerDefinitions?.[0]?.image ?? '', input);
  }

  async deregister(arn: string): Promise<void> {
    this.inactive.add(arn);
  }

  async describeTaskDefinition(name: string) {
    const active = [...this.definitions.keys()].filter((arn) => !this.inactive.has(arn));
    const newest = active.filter((arn) => arn.includes(`/${name}:`)).at(-1);
    const arn = this.definitions.has(name) ? name : newest;
    const input = arn === undefined ? undefined : this.definitions.get(arn);
    return arn === undefined || input === undefined ? undefined : { arn, active: !this.inactive.has(arn), input };
  }

  #define(family: string, image: string, input?: TaskDefinitionInput): string {
    const revision = [...this.definitions.keys()].filter((arn) => arn.includes(`/${family}:`)).length + 1;
    const arn = `arn:aws:ecs:us-east-1:000000000000:task-definition/${family}:${revision}`;
    this.definitions.set(arn, input ?? { family, containerDefinitions: [{ name: family, image }] });
    return arn;
  }

  #deployment(taskDefinition: string): FakeDeployment {
    this.#deployments++;
    return { id: `ecs-svc/${this.#deployments}`, taskDefinition, looks: 0 };
  }

  #behaviour({ taskDefinition }: FakeDeployment): Behaviour {
    return this.behaviourOf(this.image(taskDefinition).split('@')[1] ?? '');
  }

  #toService(service: FakeService): EcsService {
    const { current, desired } = service;
    const behaviour = this.#behaviour(current);
    const complete = current.looks >= 2 && behaviour.startsWith('answers');
    const deployment: EcsDeployment = {
      id: current.id,
      status: 'PRIMARY',
      taskDefinition: current.taskDefinition,
      rolloutState: complete ? 'COMPLETED' : 'IN_PROGRESS',
      rolloutStateReason: '',
      desired,
      running: complete ? desired : 0,
      failedTasks: behaviour === 'crashes' ? current.looks : 0,
    };
    const { status } = service;
    return { status, taskDefinition: current.taskDefinition, desired, deployments: [deployment], events: [] };
  }
}
