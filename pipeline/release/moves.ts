import type { MoveResult, Target } from '../rollout/mover.ts';
import { messageOf, type ServiceFailure } from './failure.ts';
import type { Move, Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';

/** Seconds that each moved service took. */
export type MoveSeconds = Readonly<Record<string, number>>;

export type Prepared =
  | { readonly ok: true; readonly targets: ReadonlyMap<string, Target> }
  | { readonly ok: false; readonly failures: readonly ServiceFailure[] };

/** Makes every revision at once; no work is sent to any of them. */
export async function prepareAll(plan: Plan, { moverFor }: ReleasePorts): Promise<Prepared> {
  const targets = new Map<string, Target>();
  const failures: ServiceFailure[] = [];
  await Promise.all(
    plan.moves.map(async ({ service, template, target }) => {
      try {
        targets.set(service, await moverFor(template).prepare(target));
      } catch (error) {
        failures.push({ service, message: messageOf(error) });
      }
    }),
  );
  return failures.length === 0 ? { ok: true, targets } : { ok: false, failures };
}

/** Moves every service at once. The first failure ends the watching of the others: they go back anyway. */
export async function moveAll(
  plan: Plan,
  targets: ReadonlyMap<string, Target>,
  { moverFor, clock, progress, stop }: ReleasePorts & { readonly stop: AbortSignal },
) {
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, stop]);
  const revisions: Record<string, string> = {};
  const seconds: Record<string, number> = {};
  const failures: ServiceFailure[] = [];
  await Promise.all(
    plan.moves.map(async ({ service, template, target }: Move) => {
      const started = clock.now();
      const result = await moverFor(template)
        .move(targets.get(service) ?? target, signal)
        .catch((error: unknown): MoveResult => ({ ok: false, failure: { message: messageOf(error) } }));
      if (result.ok) {
        revisions[service] = result.revision;
        seconds[service] = (clock.now() - started) / 1000;
        progress.line(`${service} serves ${result.revision.split('/').at(-1)} (${seconds[service]?.toFixed(1)} s)`);
      } else if (!signal.aborted) {
        failures.push({ service, ...result.failure });
        progress.line(`${service} failed: ${result.failure.message}`);
        abort.abort();
      }
    }),
  );
  return { revisions, seconds, failures };
}
