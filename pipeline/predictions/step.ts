import type { AskPorts } from './ask.ts';
import { acceptanceKey, askOld, checkPredictions, recordedAnswers } from './check.ts';
import type { OldAnswers } from './judge.ts';
import { beyondTolerance, type GoldenModels, type PredictionPolicy, type PredictionReport } from './types.ts';

/** How a release's predictions are checked. */
export interface PredictionOrder {
  readonly models: GoldenModels;
  readonly policy: PredictionPolicy;
  /** Key of differences that somebody has accepted; see `acceptanceKey`. */
  readonly accepted?: string;
  /**
   * Who the new answers are compared with: what serves before the rollout, or what is on record of the release that comes back (a rollback takes back answers that
   * were wrong, so those are no measure).
   */
  readonly against: 'serving' | 'record';
}

export interface PredictionStep {
  /** Of the services that move. */
  readonly models: GoldenModels;
  readonly old: OldAnswers | undefined;
}

export interface Place {
  /** Services that move. */
  readonly services: readonly string[];
  readonly baseUrl: string;
  /** Something serves already. */
  readonly served: boolean;
}

/** Right before the rollout: the old release is asked, as long as it serves. Undefined where there is nothing to ask. */
export async function beforeRollout(
  order: PredictionOrder | undefined,
  { services, baseUrl, served }: Place,
  ports: AskPorts,
): Promise<PredictionStep | undefined> {
  if (order === undefined) return undefined;
  const models = Object.fromEntries(Object.entries(order.models).filter(([service]) => services.includes(service)));
  if (Object.keys(models).length === 0) return undefined;
  if (order.against === 'record') return { models, old: recordedAnswers(models) };
  return { models, old: served ? await askOld(models, baseUrl, ports) : undefined };
}

export interface Predicted {
  readonly report: PredictionReport;
  /** The models with what was answered, to be kept with the release. */
  readonly models: GoldenModels;
  /** Set where the release may not stay: what accepts exactly these differences, where the policy lets somebody accept them. */
  readonly stop?: { readonly acceptWith?: string };
}

/** After the checks: the new release is asked, and its answers decide whether it stays. */
export async function afterRollout(
  { models, old }: PredictionStep,
  request: { readonly order: PredictionOrder; readonly baseUrl: string; readonly commit: string },
  ports: AskPorts,
): Promise<Predicted> {
  const { order, baseUrl, commit } = request;
  const checked = await checkPredictions({ models, old, baseUrl }, ports);
  const key = acceptanceKey(commit, checked.report);
  if (key === undefined || order.policy === 'report' || (order.policy === 'ask' && order.accepted === key))
    return checked;
  return { ...checked, stop: order.policy === 'ask' ? { acceptWith: key } : {} };
}

/** What stopped a release, in one sentence. Pure. */
export function predictionWords(report: PredictionReport, acceptWith: string | undefined): string {
  const beyond = beyondTolerance(report);
  const [worst] = beyond;
  if (worst === undefined) return 'no prediction changed more than its model allows';
  const { model, golden, output, old, new: fresh, allowed } = worst;
  const limit = allowed === undefined ? '' : `, allowed is ${Number(allowed.toPrecision(4))}`;
  const more = beyond.length > 1 ? ` and ${beyond.length - 1} more` : '';
  const accept =
    acceptWith === undefined ? '' : `; to accept exactly this, deploy again with accept-predictions: ${acceptWith}`;
  return `${model} answers "${golden}" with ${[output, fresh].filter(Boolean).join(' ')} instead of ${old}${limit}${more}${accept}`;
}
