import { jest } from '@jest/globals';
import { isDeploying, stateLocks } from '../support/aws.ts';
import { until } from '../support/control.ts';
import { createHome, type StartedCli, type TestHome } from '../support/home.ts';

// Whole systems race the machine they run on here: one more try, which is printed with the error of the first.
jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });

const MINUTES = 60_000;
const homes: TestHome[] = [];

afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
}, 2 * MINUTES);

function newHome(): TestHome {
  const home = createHome();
  homes.push(home);
  return home;
}

/** Ctrl-C in a terminal reaches the whole process group. */
function pressCtrlC({ child }: StartedCli): void {
  process.kill(-(child.pid ?? 0), 'SIGINT');
}

/** Starts a command, presses Ctrl-C (as often as told) when something is so, and waits for the end. */
async function interrupt(
  home: TestHome,
  words: readonly string[],
  { when, presses = 1 }: { when: () => boolean | Promise<boolean>; presses?: number },
) {
  const started = home.start(words);
  let ended = false;
  void started.done.then(() => {
    ended = true;
  });
  await until(async () => ended || (await when()));
  if (ended) throw new Error(`ended before it was interrupted: ${JSON.stringify(await started.done)}`);
  for (let press = 0; press < presses; press += 1) pressCtrlC(started);
  return await started.done;
}

const isServing = (home: TestHome): boolean => {
  try {
    return home.cloud().pid > 0;
  } catch {
    return false;
  }
};

test(
  'while the local cloud starts',
  async () => {
    const home = newHome();
    expect(await interrupt(home, ['up'], { when: () => isServing(home) })).toMatchObject({ code: 130 });
    expect(home.leftovers()).toEqual([]);
  },
  MINUTES,
);

test(
  'while Terraform works: a local cloud that ran before stays, and nothing else',
  async () => {
    const home = newHome();
    await home.launch();
    const before = home.leftovers();
    const terraformWorks = async () => (await stateLocks(home)).length > 0;
    expect(await interrupt(home, ['up'], { when: terraformWorks })).toMatchObject({ code: 130 });
    await until(async () => !(await terraformWorks()));
    expect(home.leftovers()).toEqual(before);
    expect(home.cloud().started).toBe(false);
  },
  MINUTES,
);

test(
  'while a deployment goes on, while requests flow, and down in the middle; all on one folder',
  async () => {
    const home = newHome();
    const staging = () => isDeploying(home, 'staging');
    const first = await interrupt(home, ['up'], { when: staging });
    expect(first).toMatchObject({ code: 130 });
    expect(home.leftovers()).toEqual([]);

    const story = home.start(['story', '--json']);
    await story.printed(/"step":"preview","ok":true/);
    await until(staging);
    pressCtrlC(story);
    pressCtrlC(story);
    const { code, stdout } = await story.done;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: string; ok: boolean });
    expect({ code, last: lines.at(-1) }).toMatchObject({ code: 130, last: { step: 'summary', ok: false } });
    expect(home.leftovers()).toEqual([]);

    const up = home.start(['up']);
    await up.printed(/deploy\.yml/);
    const down = await home.json(['down']);
    expect(down).toEqual({ code: 0, lines: [{ ok: true, stopped: true, purged: false }] });
    expect(await up.done).toMatchObject({ code: 1 });
    expect(home.leftovers()).toEqual([]);
  },
  4 * MINUTES,
);
