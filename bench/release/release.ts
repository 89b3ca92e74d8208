import type { Note, Row } from '../row.ts';
import { bundles } from './bundles.ts';
import { type Measured, measureSize } from './sizes.ts';

const SIZES = [1, 5, 20, 100] as const;
const ROLLED_BACK = 20;

/** What a release costs besides the platform: API calls, our own code, and what a person waits for when it is taken back. */
export async function* release(): AsyncGenerator<Row | Note> {
  const bench = 'release';
  for (const size of SIZES) {
    const { deploy, rollback } = await measureSize(size, 'fake');
    const services = `${size} service${size === 1 ? '' : 's'}`;
    yield { bench, case: `deploy ${services}: API calls`, unit: 'calls', ours: deploy.calls };
    yield {
      bench,
      case: `deploy ${services}: API calls for each service`,
      unit: 'calls',
      ours: round(deploy.calls / size, 1),
    };
    yield { bench, case: `deploy ${services}: our own code`, unit: 'ms', ours: Math.round(deploy.cpu) };
    if (size > ROLLED_BACK) continue;
    yield { bench, case: `roll back ${services}: API calls`, unit: 'calls', ours: rollback.calls };
    yield* rollbackTimes(`roll back ${services}, each up at once`, rollback);
    yield* rollbackTimes(`roll back ${services}, each up in 5 s`, (await measureSize(size, 'as on AWS')).rollback);
  }
  yield* bundles();
}

/** What a person waits for, and what would be waited for if one service were all there is. */
function* rollbackTimes(what: string, { wall, slowest }: Measured): Generator<Row> {
  yield { bench: 'release', case: what, unit: 'ms', ours: Math.round(wall) };
  yield { bench: 'release', case: `${what}: the slowest of them`, unit: 'ms', ours: Math.round(slowest) };
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
