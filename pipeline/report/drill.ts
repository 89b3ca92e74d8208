import type { DrillResult } from '../release/drill.ts';
import type { RollbackTimes } from '../release/rollback-times.ts';
import { code, list, paragraphs, plain, seconds } from './markdown.ts';
import { rollbackReport } from './release.ts';

/** What to expect of a rollback, from those that there were. */
export const timesLine = (environment: string, times: RollbackTimes | undefined): string =>
  times === undefined
    ? `No rollback of ${environment} is on record yet.`
    : `Rollbacks of ${environment} so far: ${times.count}, half of them within ${seconds(times.p50)} (p50), 95 % within ${seconds(times.p95)} (p95).`;

export function drillReport(result: DrillResult): string {
  const { environment } = result;
  switch (result.outcome) {
    case 'drilled': {
      const { back, forward, times } = result;
      return paragraphs(
        `### ${environment}: a rollback works`,
        list([
          `back to release ${code(back.to.id)} in ${seconds(back.release.seconds)}`,
          `forward to release ${code(forward.to.id)} again in ${seconds(forward.release.seconds)}`,
        ]),
        timesLine(environment, times),
      );
    }
    case 'not drilled':
      return paragraphs(`### ${environment}: no drill today`, plain(result.reason));
    case 'failed':
      return paragraphs(
        `### ${environment}: THE DRILL FAILED on its way ${result.step}`,
        result.step === 'back'
          ? `A rollback of ${environment} would not work today. It still serves what it served.`
          : `${environment} serves an older release, and automatic deployments stay frozen until somebody has looked.`,
        rollbackReport(result.result),
      );
  }
}
