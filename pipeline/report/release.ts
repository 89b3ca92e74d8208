import type { DeployResult } from '../release/deploy.ts';
import type { Freeze } from '../release/ledger.ts';
import type { MoveSeconds } from '../release/moves.ts';
import type { Plan } from '../release/plan.ts';
import type { Restorable } from '../release/restorable.ts';
import type { ResumeResult } from '../release/resume.ts';
import type { RollbackResult } from '../release/rollback-result.ts';
import type { Settled } from '../release/settle.ts';
import type { Release } from '../release/types.ts';
import { failureReport } from './failure.ts';
import { code, list, paragraphs, plain, seconds, shortCommit, shortDigest, table } from './markdown.ts';
import { predictionsReport } from './predictions.ts';
import { preflightReport } from './preflight.ts';

/** The release card: what a deployment came to, for the job summary. */
export function deployReport(result: DeployResult): string {
  switch (result.outcome) {
    case 'deployed':
      return paragraphs(
        `### ${result.release.environment}: release ${result.release.id} is live`,
        releaseFacts(result.release, result.url),
        servicesTable(result.release, result.plan, result.seconds),
        predictionsReport(result.predictions),
        notes(result.warnings, result.settled),
        preflightReport(result.preflight),
      );
    case 'unchanged':
      return paragraphs(
        `### ${result.release.environment}: nothing to deploy`,
        `Every service already serves what was built: release ${result.release.id}, ${result.url}`,
        notes([], result.settled),
      );
    case 'frozen':
      return frozenReport(result.environment, result.freeze);
    case 'refused':
      return paragraphs(`### ${result.environment}: not deployed`, list(result.problems.map(plain)));
    case 'superseded':
      return paragraphs(
        `### ${result.environment}: superseded by ${result.by.slice(0, 7)}`,
        `${plain(result.message)}. Nothing was deployed; the newer run brings this commit along.`,
      );
    case 'stopped':
      return stoppedReport(result.release, result.message);
    case 'failed':
      return paragraphs(
        `### ${result.release.environment}: release ${result.release.id} failed`,
        releaseFacts(result.release, result.url),
        failureReport(result.failure),
      );
  }
}

export function rollbackReport(result: RollbackResult): string {
  switch (result.outcome) {
    case 'rolled back':
      return paragraphs(
        `### ${result.release.environment}: back on release ${result.to.id}`,
        releaseFacts(result.release, result.url),
        `Was on release ${result.from.id} (commit ${shortCommit(result.from.commit)}).`,
        servicesTable(result.release, result.plan, result.seconds),
        predictionsReport(result.predictions),
        notes(result.warnings, []),
        preflightReport(result.preflight),
        stillFrozen(result.release.environment),
      );
    case 'already there':
      return paragraphs(
        `### ${result.release.environment}: already on release ${result.to.id}`,
        stillFrozen(result.release.environment),
      );
    case 'refused':
      return paragraphs(
        `### ${result.environment}: not rolled back`,
        list(result.problems.map(plain)),
        offeredTable(result.offered),
      );
    case 'stopped':
      return stoppedReport(result.release, result.message);
    case 'failed':
      return paragraphs(
        `### ${result.release.environment}: the rollback to release ${result.to.id} FAILED`,
        releaseFacts(result.release, result.url),
        failureReport(result.failure),
        stillFrozen(result.release.environment),
      );
  }
}

export function resumeReport(result: ResumeResult): string {
  if (result.outcome === 'not frozen') return paragraphs(`### ${result.environment}: was not frozen`);
  return paragraphs(
    `### ${result.environment}: automatic deployments resumed`,
    `They were frozen by ${plain(result.freeze.by)} since ${result.freeze.since}: ${plain(result.freeze.reason)}`,
    'The next merge is deployed again; run the deploy workflow to deploy main now.',
  );
}

function stoppedReport({ environment, id }: Release, message: string): string {
  return paragraphs(
    `### ${environment}: release ${id} was stopped`,
    `${plain(message)}. It ended early and put nothing back: whoever stopped it brings ${environment} to where it belongs.`,
  );
}

/** What can be rolled back to, proven. */
export function offeredTable(offered: readonly Restorable[]): string {
  if (offered.length === 0) return '';
  const rows = offered.map(({ release, missing }) => [
    code(release.id),
    shortCommit(release.commit),
    release.createdAt,
    missing.length === 0 ? 'can be brought back' : `cannot: ${plain(missing.join('; '))}`,
  ]);
  return paragraphs('Releases that were healthy:', table(['release', 'commit', 'made', ''], rows)).trimEnd();
}

function frozenReport(environment: string, freeze: Freeze): string {
  return paragraphs(
    `### ${environment}: frozen, nothing was deployed`,
    `${plain(freeze.by)} froze it at ${freeze.since}: ${plain(freeze.reason)}`,
    `To deploy again: run the rollback workflow for ${code(environment)} with ${code('resume')} checked, then the deploy workflow.`,
  );
}

const stillFrozen = (environment: string): string =>
  `Automatic deployments to ${environment} are **frozen**. To end that, run the rollback workflow with ${code('resume')} checked.`;

function releaseFacts({ commit, actor, reason, seconds: took }: Release, url: string): string {
  return list([
    `commit ${shortCommit(commit)} by ${plain(actor)}: ${plain(reason)}`,
    `${url}${took === undefined ? '' : `, after ${seconds(took)}`}`,
  ]);
}

function servicesTable(release: Release, plan: Plan, took: MoveSeconds): string {
  const reasons = new Map(plan.moves.map((move) => [move.service, move.reasons.join(', ')]));
  const rows = Object.entries(release.services).map(([service, { digest, revision }]) => [
    service,
    reasons.get(service) ?? 'unchanged',
    shortDigest(digest),
    code(revision?.split('/').at(-1) ?? ''),
    seconds(took[service]),
  ]);
  return table(['service', 'why', 'image', 'revision', 'time'], rows);
}

function notes(warnings: readonly string[], settled: readonly Settled[]): string {
  const words = settled.map(({ release, outcome }) => `release ${release} was interrupted; it is ${outcome} now`);
  return list([...warnings, ...words].map(plain));
}
