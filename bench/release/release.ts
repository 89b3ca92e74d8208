import type { Note, Row } from '../row.ts';
import { bundles } from './bundles.ts';
import { measureSize } from './sizes.ts';

const SIZES = [1, 5, 20, 100] as const;
const ROLLED_BACK = 20;

/** What a release costs besides the platform: API calls, our own code, and what a person waits for when it is taken back. */
export async function* release(): AsyncGenerator<Row | Note> {
  const bench = 'release';
  for (const size of SIZES) {
    const { deploy, rollback } = await measureSize(size);
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
    yield { bench, case: `roll back ${services}`, unit: 'ms', ours: Math.round(rollback.wall) };
    yield { bench, case: `roll back ${services}: the slowest of them`, unit: 'ms', ours: Math.round(rollback.slowest) };
    yield { bench, case: `roll back ${services}: API calls`, unit: 'calls', ours: rollback.calls };
  }
  yield* bundles();
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
