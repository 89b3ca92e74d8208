import { predictionWords } from '../predictions/step.ts';
import type { DeploymentFailure, ServiceFailure } from '../release/failure.ts';
import { code, codeBlock, list, paragraphs, plain, table } from './markdown.ts';
import { predictionsReport } from './predictions.ts';
import { preflightReport } from './preflight.ts';

const STAGES: Readonly<Record<DeploymentFailure['stage'], string>> = {
  preflight: 'before anything moved',
  register: 'while registering revisions; nothing moved',
  migrate: 'while a migration ran; nothing moved',
  rollout: 'while services moved',
  verify: 'because a check did not answer as expected',
  predictions: 'because models answer otherwise than before',
  record: 'while recording the release',
};

/** Why a deployment failed: the evidence, and what serves now. */
export function failureReport(failure: DeploymentFailure): string {
  const { checks, putBack } = failure;
  const rows = checks.map(({ service, check, expected, actual }) => [
    service,
    plain(check),
    code(expected),
    code(actual),
  ]);
  return paragraphs(
    `It failed ${STAGES[failure.stage]}.`,
    preflightReport(failure.preflight ?? []),
    predictionsReport(failure.predictions?.report),
    acceptance(failure.predictions?.acceptWith),
    rows.length === 0 ? undefined : table(['service', 'check', 'expected', 'actual'], rows),
    rows.length === 0 ? undefined : list(checks.map(({ service, request }) => `${service}: ${code(request)}`)),
    ...failure.services.map(serviceFailure),
    putBack.length === 0 ? undefined : '#### What serves now',
    putBack.length === 0
      ? undefined
      : table(
          ['service', '', ''],
          putBack.map(({ service, ok, message }) => [service, ok ? 'put back' : '**NOT put back**', plain(message)]),
        ),
  ).trimEnd();
}

const acceptance = (key: string | undefined): string | undefined =>
  key && `To accept exactly these differences, run the workflow again with ${code('accept-predictions')}: ${code(key)}`;

/** Lines of the log that an annotation shows; the summary has them all. */
const ANNOTATED_LINES = 5;

/** The failure as an annotation of the run: plain text, what matters first. */
export function failureAnnotation(failure: DeploymentFailure): string {
  const { stage, services, checks, putBack, predictions } = failure;
  return [
    `It failed ${STAGES[stage]}.`,
    ...checks.map(
      ({ service, check, expected, actual }) => `${service}: "${check}" expected ${expected}, got ${actual}`,
    ),
    ...(predictions === undefined ? [] : [predictionWords(predictions.report, predictions.acceptWith)]),
    ...services.flatMap(({ service, message, stoppedReason, health = [], healthAnswer, logs = [] }) => [
      `${service}: ${message}`,
      ...(stoppedReason === undefined ? [] : [`  task stopped: ${stoppedReason}`]),
      ...(healthAnswer === undefined
        ? health.map((one) => `  load balancer: ${one}`)
        : [`  health check: ${healthAnswer}`]),
      ...logs.slice(-ANNOTATED_LINES).map((line) => `  | ${line}`),
    ]),
    ...putBack.filter(({ ok }) => !ok).map(({ service, message }) => `${service} was NOT put back: ${message}`),
  ].join('\n');
}

function serviceFailure({ service, message, stoppedReason, health, healthAnswer, logs }: ServiceFailure): string {
  return paragraphs(
    `**${service}**: ${plain(message)}`,
    stoppedReason === undefined ? undefined : `Task stopped: ${plain(stoppedReason)}`,
    health === undefined ? undefined : `Load balancer: ${health.map(code).join(', ')}`,
    healthAnswer === undefined ? undefined : `Its health check, asked by this run: ${code(healthAnswer)}`,
    logs === undefined ? undefined : `Last log lines:\n\n${codeBlock(logs)}`,
  ).trimEnd();
}
