import type { FunctionTemplate, JobTemplate, ServiceTemplate, Template } from '../release/template.ts';
import { createScene, OLD, OURS, type Scene, type Script, service } from './testing.ts';

const common = { service: 'web', repositoryUrl: 'registry/web', checks: [] };
const taskDefinition = {
  family: 'job',
  containerDefinitions: [{ name: 'web' }],
} as unknown as ServiceTemplate['taskDefinition'];
const ecs = { ...common, cluster: 'staging', serviceName: 'staging-web', desiredCount: 2, taskDefinition };
const web: ServiceTemplate = { ...ecs, kind: 'web', targetGroupArn: 'group', health: '/health' };
const lambda: FunctionTemplate = { ...common, kind: 'function', functionName: 'web', alias: 'live', configuration: '' };
const job: JobTemplate = {
  ...common,
  kind: 'job',
  cluster: 'staging',
  taskDefinition,
  subnetIds: [],
  securityGroupIds: [],
};

const KINDS: Readonly<Record<string, Template>> = {
  web,
  'web, canary': { ...web, rollout: { strategy: 'canary', bakeMinutes: 1 } },
  'web, blue-green': { ...web, rollout: { strategy: 'blue-green', bakeMinutes: 1 } },
  worker: { ...ecs, kind: 'worker' },
  function: lambda,
  'function, canary': { ...lambda, rollout: { strategy: 'canary', bakeMinutes: 1 } },
  'function, provisioned': { ...lambda, provisionedConcurrency: 2 },
  job,
};

const other = (reason: string) => ({
  ...{ id: 'other', taskDefinition: OLD, status: 'PRIMARY', rolloutState: 'COMPLETED', rolloutStateReason: reason },
  ...{ desired: 2, running: 2, failedTasks: 0 },
});
const goBack = (scene: Scene, reason: string): void => {
  scene.service = service(2, other(reason));
  if (scene.shift) scene.shift = { ...scene.shift, status: 'ROLLBACK_SUCCESSFUL', reason };
  scene.alias = { version: '1', revisionId: 'changed' };
  if (scene.newest !== OLD) scene.newest = OLD;
};
const change = (scene: Scene, ours: object, desired = 2): void => {
  const [primary, ...rest] = scene.service?.deployments ?? [];
  if (primary?.id === 'ours') scene.service = service(desired, { ...primary, ...ours }, ...rest);
  else if (scene.service) scene.service = service(desired, ...scene.service.deployments);
};

/** What the world does to a service that moves. */
const SCENARIOS: Readonly<Record<string, Omit<Script, 'at'>>> = {
  vanished: {
    happens(scene) {
      scene.service = undefined;
      scene.alias = undefined;
      scene.version = undefined;
      scene.newest = undefined;
    },
  },
  failed: {
    happens(scene) {
      change(scene, { rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start', running: 0 });
      scene.version = { state: 'Failed', reason: 'the image cannot start' };
      scene.registering = 'is refused';
      if (scene.provisioned) scene.provisioned = { ...scene.provisioned, status: 'FAILED', reason: 'no capacity' };
      scene.stopped.push({
        id: 'task',
        taskDefinition: OURS,
        stoppedReason: 'Essential container exited',
        exitCode: 1,
      });
    },
  },
  superseded: {
    happens(scene) {
      scene.service = service(2, { ...other(''), taskDefinition: 'web:9' });
      if (scene.shift) scene.shift = { ...scene.shift, status: 'STOPPED', reason: 'replaced' };
      scene.alias = { version: '9', revisionId: 'changed' };
      scene.newest = 'web:9';
    },
  },
  stuck: {
    isStuck: true,
    happens(scene) {
      change(scene, { rolloutState: 'IN_PROGRESS', running: 0 });
      scene.version = { state: 'Pending', reason: '' };
    },
  },
  'scaled to zero': {
    happens(scene) {
      change(scene, { running: 0, desired: 0 }, 0);
      scene.provisioned = undefined;
    },
  },
  'rolled back by the breaker': { happens: (scene) => goBack(scene, 'deployment circuit breaker') },
  alarm: {
    happens(scene) {
      goBack(scene, 'alarm production-service-errors');
      scene.canaryErrors = 20;
    },
  },
  'no healthy target': {
    happens(scene) {
      scene.healthyTargets = 0;
      change(scene, { failedTasks: 3 });
    },
  },
};

/** Whether our revision is the one that does the work, in truth. */
function serves(template: Template, scene: Scene): boolean {
  if (template.kind === 'job') return scene.newest === 'job:2';
  if (template.kind === 'function') return scene.alias?.version === '2' && scene.alias.canary === undefined;
  const primary = scene.service?.deployments[0];
  const isShifted = template.rollout === undefined || scene.shift?.status === 'SUCCESSFUL';
  return primary?.id === 'ours' && primary.rolloutState === 'COMPLETED' && primary.running >= 2 && isShifted;
}

async function play(template: Template, script: Script) {
  const world = createScene(template, script);
  const target =
    template.kind === 'job' ? {} : { revision: template.kind === 'function' ? '2' : OURS, isNew: true as const };
  const result = await world.mover
    .move({ digest: 'sha256:2', commit: 'c', ...target }, new AbortController().signal)
    .catch((error: Error) => ({ ok: false as const, failure: { message: error.message } }));
  return { result, isTrue: serves(template, world.scene), looks: world.looks() };
}

const MOMENTS = Array.from({ length: 16 }, (_, index) => index + 1);
const matrix = new Map<string, string>();
const wrong: string[] = [];

describe.each(Object.entries(KINDS))('%s', (kind, template) => {
  test('moves when nothing gets in the way', async () => {
    const { result, isTrue } = await play(template, { at: 0, happens: () => undefined });
    expect({ ok: result.ok, isTrue }).toEqual({ ok: true, isTrue: true });
  });

  test.each(Object.entries(SCENARIOS))('%s, at any moment: never a wrong success', async (scenario, script) => {
    const cell = { failed: 0, before: 0 };
    for (const at of MOMENTS) {
      const { result, isTrue } = await play(template, { ...script, at });
      if (result.ok && !isTrue) wrong.push(`${kind}, ${scenario} at look ${at}`);
      if (!result.ok) expect(result.failure.message).not.toBe('');
      cell[result.ok ? 'before' : 'failed'] += 1;
    }
    expect(wrong).toEqual([]);
    matrix.set(`${kind}/${scenario}`, `${cell.failed} failed, ${cell.before} right`);
  });
});

describe('a worker that rests when nothing waits for it', () => {
  const resting: Template = { ...ecs, kind: 'worker', scalesToZero: true };
  const rest = (stoppedReason: string) => ({
    at: 3,
    happens(scene: Parameters<Script['happens']>[0]) {
      change(scene, { running: 0, desired: 0, rolloutState: 'COMPLETED' }, 0);
      scene.stopped.push({ id: 'task', taskDefinition: OURS, stoppedReason, exitCode: 0 });
    },
  });

  test('may have run and rested before anybody looked', async () => {
    const { result } = await play(resting, rest('Scaling activity initiated by (deployment ours)'));
    expect(result.ok).toBe(true);
  });

  test('whose task ended otherwise has not rested', async () => {
    const { result } = await play(resting, rest('Essential container in task exited'));
    expect(result.ok).toBe(false);
  });
});

afterAll(() => {
  const names = Object.keys(SCENARIOS);
  const line = (cells: readonly string[]): string => cells.map((cell) => cell.padEnd(28)).join('');
  const rows = Object.keys(KINDS).map((kind) =>
    line([kind, ...names.map((name) => matrix.get(`${kind}/${name}`) ?? '')]),
  );
  process.stderr.write(
    `${[line([`${wrong.length} of ${matrix.size * MOMENTS.length} wrong`, ...names]), ...rows].join('\n')}\n`,
  );
});
