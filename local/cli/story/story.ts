import { bytes, duration, type Output, table } from '../output.ts';
import { badRelease } from './steps/bad-release.ts';
import { bootstrap } from './steps/bootstrap.ts';
import { close } from './steps/close.ts';
import { preview } from './steps/preview.ts';
import { release } from './steps/release.ts';
import { rollback } from './steps/rollback.ts';
import { StepFailed, type StepOutcome, type World } from './world.ts';

export const STEPS = ['bootstrap', 'preview', 'release', 'bad release', 'rollback', 'close'] as const;
export type StepName = (typeof STEPS)[number];

interface StepRecord {
  readonly step: StepName;
  readonly ok: boolean;
  readonly seconds: number;
  readonly outcome?: StepOutcome;
}

/**
 * Plays the whole story and prints one result per step and a summary. Returns whether every step went well; after the first that did not,
 * the rest is not played.
 */
export async function playStory(world: World, output: Output): Promise<boolean> {
  const records: StepRecord[] = [];
  let pullRequest = 0;
  const steps: Readonly<Record<StepName, () => Promise<StepOutcome>>> = {
    bootstrap: () => bootstrap(world),
    preview: async () => {
      const outcome = await preview(world);
      pullRequest = outcome.pullRequest;
      return outcome;
    },
    release: () => release(world, pullRequest),
    'bad release': () => badRelease(world),
    rollback: () => rollback(world),
    close: () => close(world, pullRequest),
  };
  for (const step of STEPS) {
    const record = await playStep(step, steps[step], output);
    records.push(record);
    if (!record.ok) break;
  }
  summarize(records, world, output);
  return records.length === STEPS.length && records.every(({ ok }) => ok);
}

async function playStep(step: StepName, play: () => Promise<StepOutcome>, output: Output): Promise<StepRecord> {
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  output.progress(`${step} ...`);
  try {
    const outcome = await play();
    const record = { step, ok: true, seconds: seconds(), outcome };
    const { detail, requests, bytesPushed } = outcome;
    output.result(
      {
        step,
        ok: true,
        seconds: record.seconds,
        ...(requests ? { requests } : {}),
        ...(bytesPushed === undefined ? {} : { bytesPushed }),
        detail,
      },
      `${output.style.good('✓')} ${output.style.bold(step.padEnd(12))} ${duration(performance.now() - started)}`,
    );
    return record;
  } catch (error) {
    const reason =
      error instanceof StepFailed
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    output.result(
      { step, ok: false, seconds: seconds(), detail: { error: reason } },
      `${output.style.bad('✗')} ${output.style.bold(step)}  ${reason}`,
    );
    return { step, ok: false, seconds: seconds() };
  }
}

function summarize(records: readonly StepRecord[], world: World, output: Output): void {
  const ok = records.length === STEPS.length && records.every((record) => record.ok);
  const seconds = Math.round(records.reduce((sum, record) => sum + record.seconds, 0) * 10) / 10;
  const rows = records.map(({ step, ok: well, seconds: taken, outcome }) => [
    step,
    well ? 'ok' : 'failed',
    `${taken.toFixed(1)} s`,
    outcome?.requests ? `${outcome.requests.sent} sent, ${outcome.requests.failed} failed` : '',
    outcome?.bytesPushed === undefined ? '' : bytes(outcome.bytesPushed),
  ]);
  const urls = Object.entries(world.urls).map(([name, url]) => `${name.padEnd(12)} ${url}`);
  output.result(
    { step: 'summary', ok, seconds, urls: world.urls },
    [
      '',
      table([
        ['step', '', 'time', 'requests', 'pushed'],
        ...rows,
        ['all', ok ? 'ok' : 'failed', `${seconds.toFixed(1)} s`, '', ''],
      ]),
      '',
      ...urls,
    ].join('\n'),
  );
}
