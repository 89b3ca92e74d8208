import { closePreview } from './close.ts';
import { reasonToDestroy } from './expiry.ts';
import { type PreviewContext, type PreviewPorts, previewEnvironment } from './ports.ts';

export interface SweepRequest extends PreviewContext {
  /** Only this preview; absent: all that exist. */
  readonly number?: number;
  readonly dryRun: boolean;
}

/** What the sweep decided about one preview, and what came of it. */
export type Swept =
  | { readonly number: number; readonly outcome: 'kept'; readonly reason: string }
  | { readonly number: number; readonly outcome: 'would destroy'; readonly reason: string }
  | {
      readonly number: number;
      readonly outcome: 'destroyed';
      readonly reason: string;
      readonly left: readonly string[];
    }
  | { readonly number: number; readonly outcome: 'failed'; readonly reason: string; readonly left: readonly string[] };

export interface SweepResult {
  readonly previews: readonly Swept[];
}

/**
 * Finds the previews that exist - by name in the account, whatever events GitHub lost - and destroys those whose pull request is
 * gone, closed or idle.
 */
export async function sweep(request: SweepRequest, ports: PreviewPorts): Promise<SweepResult> {
  const numbers = request.number === undefined ? await ports.inventory.previews() : [request.number];
  ports.progress.line(`Previews: ${numbers.map(previewEnvironment).join(', ') || 'none'}`);
  const previews: Swept[] = [];
  // One after the other: each destroy is a Terraform run of its own.
  for (const number of numbers) previews.push(await sweepOne(number, request, ports));
  return { previews };
}

async function sweepOne(number: number, request: SweepRequest, ports: PreviewPorts): Promise<Swept> {
  const [pullRequest, [newest]] = await Promise.all([
    ports.github.pullRequest(number),
    ports.ledger.releases(previewEnvironment(number), 1),
  ]);
  const { actor, expiryDays, dryRun } = request;
  const reason = reasonToDestroy({ pullRequest, newest, expiryDays, now: ports.clock.now() });
  if (reason === undefined) return { number, outcome: 'kept', reason: 'the pull request is open' };
  if (dryRun) return { number, outcome: 'would destroy', reason };
  const evenIfOpen = pullRequest?.open ?? false;
  const result = await closePreview({ number, actor, reason, evenIfOpen, lockWaitMs: 0 }, ports);
  if (result.outcome === 'kept') return { number, outcome: 'kept', reason: result.message };
  if (result.outcome === 'failed') return { number, outcome: 'failed', reason: result.message, left: result.left };
  return { number, outcome: 'destroyed', reason, left: result.left };
}
