import { predictionWords } from '../predictions/step.ts';
import type { PredictionReport } from '../predictions/types.ts';
import type { RolloutFailure } from '../rollout/mover.ts';
import type { FailedCheck } from './checks.ts';
import type { PreflightCheck } from './preflight.ts';

export interface ServiceFailure extends RolloutFailure {
  readonly service: string;
}

/** How a service came back to the release at the head after a failure. */
export interface PutBack {
  readonly service: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Why a deployment failed, and what was done about it. */
export interface DeploymentFailure {
  readonly stage: 'preflight' | 'register' | 'migrate' | 'rollout' | 'verify' | 'predictions' | 'record';
  readonly services: readonly ServiceFailure[];
  readonly checks: readonly FailedCheck[];
  readonly putBack: readonly PutBack[];
  /** Everything that was looked at before anything moved, when that is where it failed. */
  readonly preflight?: readonly PreflightCheck[];
  /** What golden requests were answered before and after, and the key that accepts it. */
  readonly predictions?: { readonly report: PredictionReport; readonly acceptWith?: string };
}

/** The failure in sentences, for the ledger and for logs. Pure. */
export function failureWords({ stage, services, checks, putBack, predictions }: DeploymentFailure): string {
  const isChecked = ({ service }: ServiceFailure) => checks.some((check) => check.service === service);
  const reasons = [
    ...services
      .filter((failure) => !isChecked(failure))
      .map(({ service, message, stoppedReason, healthAnswer }) =>
        [`${service}: ${message}`, stoppedReason, healthAnswer].filter(Boolean).join(' - '),
      ),
    ...checks.map(
      ({ service, check, expected, actual }) => `${service}: check "${check}" expected ${expected}, got ${actual}`,
    ),
    ...(predictions === undefined ? [] : [predictionWords(predictions.report, predictions.acceptWith)]),
    ...putBack.filter(({ ok }) => !ok).map(({ service, message }) => `${service} was NOT put back: ${message}`),
  ];
  return `${stage}: ${reasons.join('; ')}`;
}

export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' || error.message.includes(error.name)
    ? error.message
    : `${error.name}: ${error.message}`;
};
