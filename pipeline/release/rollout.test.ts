import type { HttpRequest } from '../ports/http.ts';
import { failureAnnotation, failureReport } from '../report/failure.ts';
import type { Template } from './template.ts';
import { createWorld, type World } from './testing.ts';

let world: World;
beforeEach(async () => {
  world = createWorld();
  await world.deploy('c000001');
});

test('what goes back while the checks run is no success', async () => {
  const { send } = world.ports;
  Object.assign(world.ports, {
    send: async (request: HttpRequest) => {
      const web = world.ecs.services.get('staging-web');
      if (web) web.current = web.before;
      return send(request);
    },
  });
  expect(await world.deploy('c000002', { web: 'w2' })).toMatchObject({
    outcome: 'failed',
    failure: {
      stage: 'verify',
      services: [{ service: 'web', message: expect.stringContaining('it went back after') }],
    },
  });
});

test('a service moves once those that it comes after serve, and goes back before them', async () => {
  const { templates } = world.ports;
  Object.assign(world.ports, {
    templates: {
      load: async (environment: string) => {
        const { web, ...others } = await templates.load(environment);
        return { ...others, ...(web && { web: { ...web, template: { ...web.template, after: ['scorer', 'api'] } } }) };
      },
    },
  });
  const order = () =>
    world.lines.flatMap((line) => /^(\w+) (moves begins|serves)/.exec(line)?.slice(1, 3).join(' ') ?? []);
  world.lines.length = 0;
  await world.deploy('c000002', { web: 'w2', api: 'a2', scorer: 's2' });
  expect(order().slice(-2)).toEqual(['web moves begins', 'web serves']);
  world.lines.length = 0;
  await world.rollback();
  expect(order().slice(0, 2)).toEqual(['web moves begins', 'web serves']);
});

test('a failure is explained: why the task stopped, its log, in the summary and as an annotation', async () => {
  world.behaviours.set('sha256:w2', 'crashes');
  const result = await world.deploy('c000002', { web: 'w2' });
  if (result.outcome !== 'failed') throw new Error(`expected a failure, got ${result.outcome}`);
  expect(failureAnnotation(result.failure).split('\n')).toEqual([
    'It failed while services moved.',
    'web: 3 tasks stopped before they were healthy',
    '  task stopped: Essential container in task exited (exit code 1)',
    '  | starting',
    '  | Error: model not found',
  ]);
  expect(failureReport(result.failure)).toContain('```text\nstarting\nError: model not found\n```');
  expect(failureReport(result.failure)).toContain('| web | put back |');
});

test('a check that is answered wrongly comes with the log of its service', async () => {
  world.behaviours.set('sha256:w2', 'answers wrongly');
  const result = await world.deploy('c000002', { web: 'w2' });
  expect(result).toMatchObject({
    outcome: 'failed',
    release: { failure: 'verify: web: check "web answers" expected answer equals 42, got answer is 41' },
    failure: { services: [{ service: 'web', logs: ['starting', 'Error: model not found'] }] },
  });
});

test('tidying up keeps what a release on record names, and a problem with it stops nothing', async () => {
  const asked: ReadonlySet<string>[] = [];
  const { moverFor } = world.ports;
  const tidy = async (needed: ReadonlySet<string>): Promise<void> => {
    asked.push(needed);
    throw new Error('AccessDenied');
  };
  Object.assign(world.ports, {
    moverFor: (template: Template) => ({ ...moverFor(template), ...(template.kind === 'function' && { tidy }) }),
  });
  await world.deploy('c000002', { scorer: 's2' });
  expect(await world.deploy('c000003', { scorer: 's3' })).toMatchObject({ outcome: 'deployed' });
  expect([...(asked.at(-1) ?? [])].sort()).toEqual(['2', '3', '4']);
  expect(world.lines).toContain('Old revisions could not be tidied up: AccessDenied');
});
