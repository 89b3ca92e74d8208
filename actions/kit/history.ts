import type { ReleasePorts } from '../../pipeline/release/ports.ts';
import { historyReport } from '../../pipeline/report/history.ts';
import type { ActionResult } from './run.ts';

const SHOWN = 8;

/** A result whose summary ends with what happened to the environment lately. */
export async function withHistory(
  result: ActionResult,
  environment: string,
  { ledger }: Pick<ReleasePorts, 'ledger'>,
): Promise<ActionResult> {
  // The result counts; who cannot be told what was before is told what is.
  const entries = await ledger.history(environment, SHOWN).catch(() => []);
  return { ...result, summary: result.summary + historyReport(environment, entries) };
}
