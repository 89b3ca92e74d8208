import type { Clock } from '../ports/clock.ts';
import type { Ecs, EcsService, ServiceDeployment, StoppedTask, TaskDefinitionInput } from '../ports/ecs.ts';
import type { FunctionAlias, Lambda, ProvisionedConcurrency } from '../ports/lambda.ts';
import type { Observe } from '../ports/observe.ts';
import type { Template } from '../release/template.ts';
import { createMovers } from './movers.ts';

/** Everything that a mover can see of one service; tests change it while it is looked at. */
export interface Scene {
  service: EcsService | undefined;
  shift: ServiceDeployment | undefined;
  stopped: StoppedTask[];
  healthyTargets: number;
  alias: FunctionAlias | undefined;
  version: { state: string; reason: string } | undefined;
  provisioned: ProvisionedConcurrency | undefined;
  canaryErrors: number;
  /** Newest revision of the job's family. */
  newest: string | undefined;
  registering: 'works' | 'is refused';
}

export const OLD = 'web:1';
export const OURS = 'web:2';

/** How the world goes on by itself at each look, and what happens to it at a chosen one. */
export interface Script {
  /** Nothing ever completes. */
  readonly isStuck?: boolean;
  readonly at: number;
  happens(scene: Scene): void;
}

const deployment = (id: string, taskDefinition: string, status: string, rolloutState: string) => ({
  ...{ id, taskDefinition, status, rolloutState, rolloutStateReason: '' },
  ...{ desired: 2, running: rolloutState === 'COMPLETED' ? 2 : 0, failedTasks: 0 },
});

export const service = (desired: number, ...deployments: EcsService['deployments']): EcsService => ({
  ...{ status: 'ACTIVE', desired, deployments, events: [] },
  taskDefinition: deployments[0]?.taskDefinition ?? '',
});

/** The old revision serves. `shifted`: ECS moves requests by weight. */
export function createScene(template: Template, script: Script) {
  const scene: Scene = {
    service: service(2, deployment('old', OLD, 'PRIMARY', 'COMPLETED')),
    shift: undefined,
    stopped: [],
    healthyTargets: 2,
    alias: { version: '1', revisionId: 'r0' },
    version: { state: 'Active', reason: '' },
    provisioned: undefined,
    canaryErrors: 0,
    newest: OLD,
    registering: 'works',
  };
  let looks = 0;
  const isShifted = template.rollout !== undefined;
  /** One look at the world: it goes on. */
  const pass = (): void => {
    looks += 1;
    if (looks === script.at) script.happens(scene);
    const primary = scene.service?.deployments[0];
    if (looks < 4 || script.isStuck) return;
    if (primary?.id === 'ours' && primary.rolloutState === 'IN_PROGRESS' && scene.service)
      scene.service = service(scene.service.desired, deployment('ours', OURS, 'PRIMARY', 'COMPLETED'));
    if (scene.shift?.status === 'IN_PROGRESS')
      scene.shift = { ...scene.shift, status: 'SUCCESSFUL', stage: 'CLEAN_UP', trafficPercent: 100 };
    if (scene.provisioned?.status === 'IN_PROGRESS')
      scene.provisioned = { ...scene.provisioned, status: 'READY', available: scene.provisioned.requested };
  };
  let time = Date.parse('2026-01-01T00:00:00Z');
  const clock: Clock = {
    now: () => time,
    sleep: async (milliseconds, signal) => {
      time += milliseconds;
      signal?.throwIfAborted();
    },
    every: () => () => undefined,
  };
  const ecs: Ecs = {
    async describeService() {
      pass();
      return scene.service;
    },
    async updateService(_address, { taskDefinition }) {
      pass();
      if (scene.service === undefined) throw new Error('ServiceNotFoundException');
      const before = scene.service.deployments.map((one) => ({ ...one, status: 'ACTIVE' }));
      if (taskDefinition === OURS)
        scene.service = service(2, deployment('ours', OURS, 'PRIMARY', 'IN_PROGRESS'), ...before);
      if (isShifted)
        scene.shift = { arn: 'ours', status: 'IN_PROGRESS', reason: '', stage: 'SCALE_UP', trafficPercent: 0 };
      return scene.service;
    },
    async serviceDeployment() {
      pass();
      return scene.shift;
    },
    rollBackDeployment: async () => undefined,
    stoppedTasks: async () => scene.stopped,
    async register(input: TaskDefinitionInput) {
      pass();
      if (scene.registering === 'is refused') throw new Error('ClientException: no');
      if (template.kind === 'job') scene.newest = input.family === undefined ? OURS : `${input.family}:2`;
      return scene.newest ?? '';
    },
    deregister: async () => undefined,
    async describeTaskDefinition() {
      pass();
      return scene.newest === undefined
        ? undefined
        : { arn: scene.newest, active: true, input: { family: 'x', containerDefinitions: [] } };
    },
  };
  const lambda: Lambda = {
    publish: async () => '2',
    async describe(_name, version = '') {
      pass();
      const state = scene.version;
      if (state === undefined) return undefined;
      return { version, state: state.state, stateReason: state.reason, lastUpdate: 'Successful', lastUpdateReason: '' };
    },
    async alias() {
      pass();
      return scene.alias;
    },
    async moveAlias({ version, canary, revisionId }) {
      pass();
      if (scene.alias?.revisionId !== revisionId) return 'changed by someone else';
      scene.alias = { version, revisionId: `r${looks}`, ...(canary && { canary }) };
      return 'moved';
    },
    versions: async () => ['1', '2'],
    deleteVersion: async () => undefined,
    async provision({ environments }) {
      scene.provisioned = { requested: environments, available: 0, status: 'IN_PROGRESS', reason: '' };
    },
    async provisioned() {
      pass();
      return scene.provisioned;
    },
  };
  const observe: Observe = {
    targetHealth: async () =>
      Array.from({ length: scene.healthyTargets }, (_, n) => ({
        target: `10.0.0.${n}:80`,
        state: 'healthy',
        reason: '',
      })),
    invocations: async ({ version }) => ({ invocations: 50, errors: version === '2' ? scene.canaryErrors : 0 }),
    lastLogLines: async () => ['Error: password=hunter2'],
  };
  const send = async () => ({ status: 500, body: 'no model' });
  const mover = createMovers({ ecs, lambda, observe, send, clock, pace: { pollMs: 250, timeoutMs: 60_000 } })(template);
  return { scene, mover, looks: () => looks, clock };
}
