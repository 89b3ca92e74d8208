import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adoptFullPreview } from './adopt.ts';
import { findSynthesis, type SynthesisRun } from './synthesis.ts';
import { good, project, reference } from './testing.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-full-'));
  mkdirSync(join(folder, 'cdktf.out/stacks/preview-pr-7'), { recursive: true });
  mkdirSync(join(folder, 'services/web/files'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const hand = (json: unknown): void =>
  writeFileSync(join(folder, 'cdktf.out/stacks/preview-pr-7/cdk.tf.json'), JSON.stringify(json));
const adopt = (services = ['web']) => adoptFullPreview({ project, number: 7, place: 3, services, folder });
function withSeed(): object {
  const path = reference(`filebase64("${reference('path.module')}/../../../services/web/files/a.txt")`);
  const json = good();
  const object = { bucket: reference('aws_s3_bucket.files.id'), key: 'a.txt', content_base64: path };
  return { ...json, resource: { ...json.resource, aws_s3_object: { a: object } } };
}

test('it is taken over with its rules moved, and alone: other files of the artifact are nowhere near', async () => {
  hand(withSeed());
  writeFileSync(join(folder, 'services/web/files/a.txt'), 'a');
  writeFileSync(join(folder, 'cdktf.out/stacks/preview-pr-7/more.tf'), 'data "external" "x" {}');
  const adopted = await adopt();
  expect(adopted).toEqual({ ok: true, output: join(folder, 'adopted') });
  const text = readFileSync(join(folder, 'adopted/stacks/preview-pr-7/cdk.tf.json'), 'utf8');
  expect(JSON.parse(text).resource.aws_lb_listener_rule.web.priority).toBe(153);
  expect(() => readFileSync(join(folder, 'adopted/stacks/preview-pr-7/more.tf'))).toThrow('ENOENT');
});

test('a seed that is a link out of the artifact is refused', async () => {
  hand(withSeed());
  symlinkSync('/proc/self/environ', join(folder, 'services/web/files/a.txt'));
  expect(await adopt()).toMatchObject({ ok: false, problem: expect.stringContaining('services/web/files/a.txt') });
});

test('what is wrong is said, and how much of it', async () => {
  const json = good();
  for (let index = 0; index < 20; index++) Object.assign(json.resource, { [`aws_evil_${index}`]: { x: {} } });
  hand(json);
  const adopted = await adopt();
  expect(adopted).toMatchObject({ ok: false, problem: expect.stringContaining('aws_evil_0.x is of a type') });
  expect(adopted).toMatchObject({ problem: expect.stringContaining('and 10 more') });
});

test.each([
  ['nothing', undefined, 'cannot be read'],
  ['no object', [], 'no JSON object'],
])('an artifact with %s is refused', async (_what, json, because) => {
  if (json !== undefined) hand(json);
  expect(await adopt()).toMatchObject({ ok: false, problem: expect.stringContaining(because) });
});

test('stacks and images that know other services are told apart', async () => {
  hand(good());
  expect(await adopt(['web', 'scorer'])).toMatchObject({ ok: false, problem: expect.stringContaining('scorer') });
});

describe('the run that synthesized', () => {
  const run = (state: SynthesisRun['state'], id = 1, createdAt = 0): SynthesisRun => ({
    ...{ id, state, createdAt },
    url: `https://github.test/runs/${id}`,
  });
  const look = (answers: readonly (readonly SynthesisRun[])[], time = 1000) => {
    let asked = 0;
    let now = time;
    return findSynthesis('c000001', {
      list: async () => answers[Math.min(asked++, answers.length - 1)] ?? [],
      clock: {
        now: () => now,
        async sleep(milliseconds) {
          now += milliseconds;
        },
      },
    });
  };

  test('is waited for', async () => {
    expect(await look([[], [run('running')], [run('running')], [run('done', 4)]])).toEqual({ ok: true, run: 4 });
  });

  test('is the newest that did it; one that was cancelled does not count', async () => {
    expect(await look([[run('failed', 9), run('done', 8), run('done', 7)]])).toEqual({ ok: true, run: 8 });
  });

  test.each([
    ['failed', [[run('failed', 5)]], 'runs/5'],
    ['is not there', [[]], 'Resolve conflicts'],
    ['is so old that its artifact is gone', [[run('done', 1, 1000 - 8 * 86_400_000)]], 'in the last week'],
    ['never ends', [[run('running')]], 'still not synthesized'],
  ])('%s: says so', async (_what, answers, because) => {
    expect(await look(answers)).toMatchObject({ ok: false, problem: expect.stringContaining(because) });
  });
});
