import { median } from '../row.ts';
import type { Meter } from './meter.ts';
import type { Workspace } from './workspace.ts';

export const CASES = [
  'cold',
  'no change, same machine',
  'one-line change, same machine',
  'no change, fresh runner',
  'one-line change, fresh runner',
] as const;
type Case = (typeof CASES)[number];

export interface Builder {
  build(round: number): Promise<unknown>;
  /** Forgets what a fresh runner would not have. */
  forget(): Promise<void>;
}

export interface Measured {
  readonly milliseconds: number;
  readonly bytes: number;
}

export type Measurements = Readonly<Record<Case, Measured>>;

interface Stage {
  readonly workspace: Workspace;
  readonly meter: Meter;
  readonly rounds: number;
}

/** Medians of two builders that take turns, round by round: what else the machine does meets both. */
export async function measureInTurn(
  stage: Stage,
  [first, second]: readonly [Builder, Builder],
): Promise<[Measurements, Measurements]> {
  const [one, other]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < stage.rounds; round += 1) {
    one.push(await playRound(stage, first, round));
    other.push(await playRound(stage, second, round));
  }
  return [medians(one), medians(other)];
}

type Round = ReadonlyMap<Case, Measured>;

async function playRound({ workspace, meter }: Stage, { build, forget }: Builder, round: number): Promise<Round> {
  const measured = new Map<Case, Measured>();
  const timed = async (one: Case): Promise<void> => {
    meter.take();
    const started = performance.now();
    await build(round);
    measured.set(one, { milliseconds: performance.now() - started, bytes: meter.take() });
  };
  workspace.edit();
  await forget();
  await timed('cold');
  await timed('no change, same machine');
  workspace.edit();
  await timed('one-line change, same machine');
  await forget();
  await timed('no change, fresh runner');
  workspace.edit();
  await forget();
  await timed('one-line change, fresh runner');
  return measured;
}

function medians(rounds: readonly Round[]): Measurements {
  const middle = (one: Case, value: (each: Measured) => number): number =>
    Math.round(median(rounds.flatMap((round) => round.get(one) ?? []).map(value)));
  return Object.fromEntries(
    CASES.map((one) => [
      one,
      { milliseconds: middle(one, (each) => each.milliseconds), bytes: middle(one, (each) => each.bytes) },
    ]),
  ) as Measurements;
}
