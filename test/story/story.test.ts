import { jest } from '@jest/globals';
import { STEPS } from '../../local/cli/story/story.ts';
import { cloudLog, createHome, type JsonLine } from '../support/home.ts';
import { access } from './scenarios/access.ts';
import { badRequests } from './scenarios/bad-requests.ts';
import { faults } from './scenarios/faults.ts';
import { releases } from './scenarios/releases.ts';
import { tokens } from './scenarios/tokens.ts';

// Whole systems race the machine they run on here: one more try, which is printed with the error of the first.
jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });

const home = createHome();
const MINUTES = 60_000;

afterAll(() => home.remove(), 2 * MINUTES);

/** Plays the story once; every step has to be well and every field as docs/cli.md says. */
async function play(): Promise<readonly JsonLine[]> {
  const { code, lines } = await home.json(['story']);
  const failed = lines.filter(({ ok }) => ok !== true);
  expect({ failed, log: failed.length > 0 || code !== 0 ? cloudLog(home) : '' }).toEqual({ failed: [], log: '' });
  expect(code).toBe(0);
  expect(lines.map(({ step }) => step)).toEqual([...STEPS, 'summary']);
  for (const line of lines) expect(line).toMatchObject({ seconds: expect.any(Number) });
  for (const line of lines.slice(0, -1)) expect(line).toMatchObject({ detail: expect.any(Object) });
  const named = Object.fromEntries(lines.map((line) => [line['step'], line]));
  for (const step of ['release', 'rollback']) {
    expect(named[step]?.['requests']).toEqual({ sent: expect.any(Number), failed: 0 });
    expect(named[step]?.['requests'].sent).toBeGreaterThan(0);
  }
  for (const step of ['bootstrap', 'preview', 'release', 'bad release'])
    expect(named[step]?.['bytesPushed']).toEqual(expect.any(Number));
  expect(named['summary']?.['urls']).toEqual({
    staging: expect.stringMatching(/^http:\/\/staging\.slipway\.localhost:\d+$/),
    production: expect.stringMatching(/^http:\/\/slipway\.localhost:\d+$/),
  });
  return lines;
}

test('the story is played, and all is well', async () => void (await play()), 5 * MINUTES);

test(
  'the story is played again on the same local cloud, and all is well',
  async () => {
    const pid = home.cloud().pid;
    const lines = await play();
    expect(lines.find(({ step }) => step === 'preview')?.['detail']).toMatchObject({
      // Issues and pull requests share their numbers: the rollback opened issue 2.
      pullRequest: 3,
      // The same change gives the same image, which the registry has from the first time.
      built: [],
    });
    expect(home.cloud().pid).toBe(pid);
  },
  5 * MINUTES,
);

test('status tells what runs and what was released', async () => {
  const { code, lines } = await home.json(['status']);
  expect(code).toBe(0);
  const release = {
    id: expect.any(String),
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    kind: expect.stringMatching(/^(deploy|rollback)$/),
    status: 'live',
    services: {
      batch: expect.stringMatching(/^sha256:/),
      inference: expect.stringMatching(/^sha256:/),
      predictor: expect.stringMatching(/^sha256:/),
      requests: expect.stringMatching(/^sha256:/),
      scorer: expect.stringMatching(/^sha256:/),
      web: expect.stringMatching(/^sha256:/),
    },
  };
  const releases = expect.arrayContaining([
    {
      id: expect.any(String),
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      kind: expect.stringMatching(/^(deploy|rollback)$/),
      status: expect.stringMatching(/^(live|superseded|failed)$/),
      actor: expect.stringContaining('/actions/runs/'),
      trigger: expect.stringMatching(/^(push|workflow_dispatch)$/),
      createdAt: expect.any(String),
      seconds: expect.any(Number),
    },
  ]);
  expect(lines).toEqual([
    {
      running: true,
      pid: home.cloud().pid,
      home: home.folder,
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      runtime: { mode: expect.any(String), limitations: expect.any(String) },
      urls: expect.objectContaining({ staging: expect.any(String), production: expect.any(String) }),
      environments: [
        {
          name: 'production',
          url: expect.any(String),
          // Users sign in to production only.
          release: {
            ...release,
            kind: 'rollback',
            services: { ...release.services, identity: expect.stringMatching(/^sha256:/) },
          },
          releases,
        },
        {
          name: 'staging',
          url: expect.any(String),
          // Previews sleep on staging's load balancer, and are woken from there.
          release: { ...release, services: { ...release.services, waker: expect.stringMatching(/^sha256:/) } },
          releases,
        },
      ],
      pullRequests: [
        expect.objectContaining({ number: 1, state: 'merged' }),
        expect.objectContaining({ number: 3, state: 'merged' }),
      ],
    },
  ]);
});

test.each([
  [['pr', 'open', '--title', 'A title'], /A title/],
  [['pr', 'push', '1'], /pull request 1/],
  [['pr', 'close', '1'], /pull request 1/],
  [['merge', '1'], /pull request 1/],
  [['rollback'], /production/],
  [['rollback', '--resume', '--environment', 'staging'], /staging/],
])('%j with --dry-run only says what it would do', async (words, would) => {
  const before = await home.json(['status']);
  const { code, lines } = await home.json([...words, '--dry-run']);
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [{ ok: true, dryRun: true, would: expect.stringMatching(would) }],
  });
  expect(await home.json(['status'])).toEqual(before);
});

test.each([
  [['merge', '99'], /no pull request 99/i],
  [['pr', 'push', '1'], /closed/],
  [['logs', '--run', '99999'], /no run 99999/],
])('%j fails with a sentence', async (words, message) => {
  const { code, lines } = await home.json(words);
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error: expect.stringMatching(message) }] });
});

test('logs of runs and of services', async () => {
  const run = await home.json(['logs']);
  expect(run.code).toBe(0);
  expect(run.lines[0]).toEqual({
    run: expect.any(Number),
    job: expect.any(String),
    step: expect.any(String),
    line: expect.any(String),
  });
  for (const service of ['inference', 'scorer']) {
    const { code, lines } = await home.json(['logs', '--service', service, '--environment', 'staging']);
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toEqual({ service, time: expect.any(String), line: expect.any(String) });
    // What a service prints names it; others write to the same log group.
    const told = lines.map(({ line }) => /"service":"([\w-]+)"/.exec(line)?.[1] ?? service);
    expect(new Set(told)).toEqual(new Set([service]));
  }
});

badRequests(home);
tokens(home);
releases(home);
access(home);
faults(home);

test(
  'down leaves nothing behind but the folder, and up would find it again',
  async () => {
    const { code, lines } = await home.json(['down']);
    expect({ code, lines }).toEqual({ code: 0, lines: [{ ok: true, stopped: true, purged: false }] });
    expect(home.leftovers()).toEqual([]);
    expect((await home.json(['status'])).lines).toEqual([{ running: false }]);
    expect((await home.json(['down'])).lines).toEqual([{ ok: true, stopped: false, purged: false }]);
  },
  2 * MINUTES,
);
