import { type PreviewPorts, previewEnvironment } from './ports.ts';
import { type PreviewRecord, started, stopped, updateRecord } from './record.ts';

export type SleepResult =
  | { readonly outcome: 'asleep'; readonly record: PreviewRecord }
  | { readonly outcome: 'kept'; readonly message: string };

const MAY_SLEEP: readonly PreviewRecord['state'][] = ['open', 'asleep', 'waking'];

/**
 * Stops the services of a preview; the waking page takes their place first, so that no request meets nothing, and the record says so before
 * they stop: whoever dies in between leaves a preview that wakes. Only for who holds the preview's lock. Safe to repeat.
 */
export async function sleepPreview(record: PreviewRecord, ports: PreviewPorts): Promise<SleepResult> {
  const { number, place, state } = record;
  const environment = previewEnvironment(number);
  if (!MAY_SLEEP.includes(state)) return { outcome: 'kept', message: `${environment} is ${state}` };
  if (record.hourlyCost === 0)
    return { outcome: 'kept', message: `${environment} costs nothing while nobody asks for it` };
  const problem = await ports.power.cover(number, place);
  if (problem !== undefined) return { outcome: 'kept', message: problem };
  const asleep = await updateRecord(number, ports.documents, (known) =>
    known && MAY_SLEEP.includes(known.state) ? { ...stopped(known, ports.clock.now()), state: 'asleep' } : undefined,
  );
  if (asleep === undefined) return { outcome: 'kept', message: `${environment} is being changed` };
  await ports.power.stop(number);
  return { outcome: 'asleep', record: asleep };
}

/** One that failed cannot be woken, but its tasks would be paid for until it expires. Only for who holds the preview's lock. The next push starts them again. */
export async function stopFailed({ number }: PreviewRecord, ports: PreviewPorts): Promise<SleepResult> {
  const record = await updateRecord(number, ports.documents, (known) =>
    known?.state === 'failed' ? stopped(known, ports.clock.now()) : undefined,
  );
  if (record === undefined) return { outcome: 'kept', message: `${previewEnvironment(number)} is being changed` };
  await ports.power.stop(number);
  return { outcome: 'asleep', record };
}

/** Starts the services of a preview and lets requests through once they answer. What wakes it by a request is services/waker. */
export async function wakePreview(record: PreviewRecord, ports: PreviewPorts): Promise<PreviewRecord> {
  const { number } = record;
  const waking = await updateRecord(number, ports.documents, (known) =>
    known?.state === 'asleep' || known?.state === 'waking'
      ? {
          ...started(known, ports.clock.now()),
          state: 'waking',
          wakes: (known.wakes ?? 0) + Number(known.state === 'asleep'),
        }
      : undefined,
  );
  if (waking === undefined) return record;
  await startServices(number, ports);
  const awake = await updateRecord(number, ports.documents, (known) =>
    known?.state === 'waking' ? { ...known, state: 'open', visitedAt: ports.clock.now() } : known,
  );
  return awake ?? waking;
}

const POLL_MS = 500;
const PATIENCE_MS = 3 * 60 * 1000;

/** Resolves when the services answer, or when they had three minutes to: then people see for themselves. */
export async function startServices(number: number, { power, clock }: PreviewPorts): Promise<void> {
  await power.start(number);
  const end = clock.now() + PATIENCE_MS;
  while (!(await power.ready(number)) && clock.now() < end) await clock.sleep(POLL_MS);
  await power.uncover(number);
}
