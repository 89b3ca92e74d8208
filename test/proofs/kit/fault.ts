import type { FaultRule } from '../../../local/aws/kit/faults.ts';
import type { Attempt } from './kill.ts';
import { outcomeOf, type Scene } from './scene.ts';
import { part, START, STRIDE, shareWords } from './share.ts';

/** A fault at one call, or from one call on. */
export interface Kind {
  readonly name: string;
  readonly rule: Pick<FaultRule, 'effect' | 'when' | 'count' | 'milliseconds'>;
}

export const KINDS: readonly Kind[] = [
  { name: 'throttled', rule: { effect: 'throttle', count: 1 } },
  { name: 'error 500', rule: { effect: 'fail', count: 1 } },
  { name: 'connection dropped before', rule: { effect: 'drop', count: 1 } },
  { name: 'connection dropped after', rule: { effect: 'drop', when: 'after', count: 1 } },
  { name: 'denied', rule: { effect: 'deny', count: 1 } },
  { name: 'denied from here on', rule: { effect: 'deny' } },
];

export interface FaultTally {
  readonly faults: number;
  readonly operations: ReadonlySet<string>;
  /** Outcome -> how often, of the runs that a fault met. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/**
 * Lets every call of a run fail once, in every way. Whatever the run comes to, running it again without the fault has to bring the environment to where it belongs, and
 * a third time has to have nothing to do.
 */
export async function failEveryCall(
  scene: Scene,
  kinds: readonly Kind[],
  prepare: () => Promise<Attempt>,
): Promise<FaultTally> {
  const operations = new Set<string>();
  const outcomes = new Map<string, number>();
  let faults = 0;
  for (const [index, { name, rule }] of kinds.entries()) {
    // With a part of the calls, each kind takes others.
    for (let call = 1 + ((START - 1 + index) % STRIDE); ; call += STRIDE) {
      const { order, again, settled } = await prepare();
      let struck: string | undefined;
      let seen = 0;
      const stop = scene.cloud.faults.watch(({ moment, operation }) => {
        // As the fault counts: calls overlap, so the one that began first need not take effect first.
        if (moment !== (rule.when ?? 'before')) return;
        seen += 1;
        if (seen === call) struck = operation;
      });
      scene.cloud.faults.add({ operation: '*', skip: call - 1, ...rule });
      const first = outcomeOf(await scene.carryOut(order));
      stop();
      scene.cloud.faults.clear();
      if (struck === undefined) break;
      faults += 1;
      operations.add(struck);
      const where = `${name} at call ${call} (${struck}): ${first}`;
      outcomes.set(first.split(' ')[0] ?? '', (outcomes.get(first.split(' ')[0] ?? '') ?? 0) + 1);
      // A run that could not release its lock leaves it to its lease.
      scene.waitForLease();
      const second = outcomeOf(await scene.carryOut(order));
      if (!again.includes(second)) scene.found.push(`${where}, run again: ${second}`);
      await scene.inspect(`${where}, run again`);
      const third = outcomeOf(await scene.carryOut(order));
      if (third !== settled) scene.found.push(`${where}, run a third time: ${third}`);
    }
  }
  return { faults, operations, outcomes };
}

/** Prints what was counted, and expects that nothing was wrong. */
export function expectNoViolation(what: string, scene: Scene, { faults, operations, outcomes }: FaultTally): void {
  const { sent, failures } = scene.traffic.counts;
  const ended = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  console.log(
    `${what} (${shareWords}): ${scene.runs} runs, ${faults} faults at ${operations.size} kinds of calls (${ended}), ${sent} requests of which ${failures.length} failed, ${scene.found.length} violations`,
  );
  expect(scene.found).toEqual([]);
  expect(failures).toEqual([]);
  expect(faults).toBeGreaterThan(part(40));
}
