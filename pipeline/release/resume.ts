import type { Freeze } from './ledger.ts';
import type { ReleasePorts } from './ports.ts';
import { type Requester, recordEntry } from './record.ts';

export type ResumeResult =
  | { readonly outcome: 'resumed'; readonly environment: string; readonly freeze: Freeze }
  | { readonly outcome: 'not frozen'; readonly environment: string };

/** Lets automatic deployments happen again. */
export async function resume(
  environment: string,
  ports: Pick<ReleasePorts, 'ledger' | 'clock' | 'progress'>,
  requester: Requester = { actor: 'someone' },
): Promise<ResumeResult> {
  const started = ports.clock.now();
  const freeze = await ports.ledger.resume(environment);
  const outcome = freeze === undefined ? 'not frozen' : 'resumed';
  await recordEntry({ environment, kind: 'resume', outcome }, requester, { ports, started });
  return freeze === undefined ? { outcome: 'not frozen', environment } : { outcome: 'resumed', environment, freeze };
}
