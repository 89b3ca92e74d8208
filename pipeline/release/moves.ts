import type { MoveResult, Target } from '../rollout/mover.ts';
import { prerequisites } from './dependencies.ts';
import { messageOf, type ServiceFailure } from './failure.ts';
import { createLive } from './live.ts';
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

/**
 * Moves every service at once, those that come after others once these serve. The first failure ends the watching of the others: they
 * go back anyway.
 */
export async function moveAll(
  plan: Plan,
  targets: ReadonlyMap<string, Target>,
  { moverFor, clock, progress, stop }: ReleasePorts & { readonly stop: AbortSignal },
) {
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, stop]);
  const live = createLive(
    plan.moves.map(({ service }) => service),
    progress,
    clock,
  );
  const before = prerequisites(plan);
  const over = new Map(plan.moves.map(({ service }) => [service, Promise.withResolvers<boolean>()]));
  const revisions: Record<string, string> = {};
  const seconds: Record<string, number> = {};
  const failures: ServiceFailure[] = [];

  async function moveOne({ service, template, target }: Move): Promise<boolean> {
    const first = await Promise.all((before.get(service) ?? []).map((other) => over.get(other)?.promise));
    if (signal.aborted || first.includes(false)) return false;
    live.tell(service, 'moves', 'begins');
    const result = await moverFor(template)
      .move(targets.get(service) ?? target, signal, (detail) => live.tell(service, 'moves', detail))
      .catch((error: unknown): MoveResult => ({ ok: false, failure: { message: messageOf(error) } }));
    if (result.ok) {
      revisions[service] = result.revision;
      seconds[service] = live.seconds(service);
      live.tell(service, 'serves', result.revision.split('/').at(-1) ?? '');
    } else if (!signal.aborted) {
      failures.push({ service, ...result.failure });
      live.tell(service, 'failed', result.failure.message);
      abort.abort();
    }
    return result.ok;
  }

  await Promise.all(plan.moves.map(async (move) => over.get(move.service)?.resolve(await moveOne(move))));
  return { revisions, seconds, failures };
}
