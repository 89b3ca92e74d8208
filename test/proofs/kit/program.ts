/** The process that is killed: it waits for its order, so that starting it costs no time then, carries it out and tells the result. */
import { systemClock } from '../../../pipeline/ports/clock.ts';
import { carryOut, connect, fastClock, type Run } from './connection.ts';

process.once('message', async (run: Run) => {
  try {
    const [started, used] = [performance.now(), process.cpuUsage()];
    const result = await carryOut(
      run,
      connect({ ...run, clock: run.time === undefined ? systemClock : fastClock(run.time) }),
    );
    const { user, system } = process.cpuUsage(used);
    const slowest = 'seconds' in result ? Math.max(0, ...Object.values(result.seconds)) : 0;
    const spent = { wall: performance.now() - started, cpu: (user + system) / 1000, slowest: slowest * 1000 };
    const error = result.outcome === 'failed' ? result.release.failure : undefined;
    process.send?.({ outcome: result.outcome, spent, ...(error !== undefined && { error }) });
    process.exitCode = 0;
  } catch (error) {
    process.send?.({ outcome: 'threw', error: error instanceof Error ? error.stack : String(error) });
    process.exitCode = 1;
  }
  process.disconnect();
});
process.send?.({ ready: true });
