import type { Order } from './connection.ts';
import { createPrograms, type Programs, runAndKill } from './process.ts';
import { openScene, outcomeOf, type Scene } from './scene.ts';
import { part, START, STRIDE, shareWords } from './share.ts';

export interface Attempt {
  readonly order: Order;
  /** What running the order again may come to. */
  readonly again: readonly string[];
  /** What a third time has to come to: there is nothing left to do. */
  readonly settled: string;
}

export interface Tally {
  readonly runs: number;
  readonly kills: number;
  readonly operations: ReadonlySet<string>;
  /** Requests that flowed meanwhile. */
  readonly sent: number;
  readonly failures: readonly string[];
  readonly found: readonly string[];
}

/** Scenes side by side: most of a run is waiting. */
const LANES = 3;

/**
 * Kills a run at its first moment (a call arrives), its second (the call took effect, the answer is on its way), ... until a run ends before its moment
 * comes. Each time the run is repeated as a person would repeat it, and then once more.
 */
export async function killAtEveryMoment(prepare: (scene: Scene) => Promise<Attempt>): Promise<Tally> {
  const programs = await createPrograms();
  try {
    const lanes = await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => killInLane({ lane, programs }, prepare)),
    );
    return {
      runs: sum(lanes.map(({ runs }) => runs)),
      kills: sum(lanes.map(({ kills }) => kills)),
      sent: sum(lanes.map(({ sent }) => sent)),
      failures: lanes.flatMap(({ failures }) => failures),
      found: lanes.flatMap(({ found }) => found),
      operations: new Set(lanes.flatMap(({ operations }) => [...operations])),
    };
  } finally {
    programs.close();
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

interface Lane {
  readonly lane: number;
  readonly programs: Programs;
}

async function killInLane({ lane, programs }: Lane, prepare: (scene: Scene) => Promise<Attempt>): Promise<Tally> {
  const scene = await openScene();
  const operations = new Set<string>();
  let kills = 0;
  try {
    for (let moment = START + lane * STRIDE; ; moment += LANES * STRIDE) {
      const attempt = await prepare(scene);
      const ended = await runAndKill(programs, scene.cloud, { run: scene.run(attempt.order), moment });
      scene.runs += 1;
      if (!('killed' in ended)) {
        if (!attempt.again.includes(ended.outcome)) scene.found.push(`unharmed: ${ended.outcome} ${ended.error ?? ''}`);
        break;
      }
      kills += 1;
      operations.add(ended.killed.operation);
      scene.waitForLease();
      await expectSettled(scene, attempt, `killed ${ended.killed.moment} ${ended.killed.operation} (moment ${moment})`);
    }
    return { runs: scene.runs, kills, operations, found: scene.found, ...scene.traffic.counts };
  } finally {
    await scene.close();
  }
}

/** The run again, the environment looked at, and a third run that has nothing to do. */
export async function expectSettled(scene: Scene, { order, again, settled }: Attempt, where: string): Promise<void> {
  const second = outcomeOf(await scene.carryOut(order));
  if (!again.includes(second)) scene.found.push(`${where}, run again: ${second}`);
  await scene.inspect(`${where}, run again`);
  const third = outcomeOf(await scene.carryOut(order));
  if (third !== settled) scene.found.push(`${where}, run a third time: ${third}`);
}

/** Prints what was counted, and expects that nothing was wrong. */
export function expectNothingWrong(what: string, { runs, kills, operations, sent, failures, found }: Tally): void {
  console.log(
    `${what} (${shareWords}): ${runs} runs, ${kills} kills at ${operations.size} kinds of calls, ${sent} requests of which ${failures.length} failed, ${found.length} violations`,
  );
  expect(found).toEqual([]);
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(100);
  expect(kills).toBeGreaterThan(part(40));
}
