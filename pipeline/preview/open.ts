import { baseUrl } from '../manifest/names.ts';
import { type DeployResult, deploy } from '../release/deploy.ts';
import type { BuiltImages } from '../release/types.ts';
import { failedComment, openComment, previewMarker } from '../report/preview.ts';
import { deployReport } from '../report/release.ts';
import { expiryDay } from './expiry.ts';
import { type PreviewContext, type PreviewPorts, previewEnvironment } from './ports.ts';

export interface OpenRequest extends PreviewContext {
  readonly number: number;
  /** Head commit of the pull request. */
  readonly commit: string;
  readonly images: BuiltImages;
}

export type OpenResult =
  | { readonly outcome: 'open'; readonly url: string; readonly report: string }
  /** The pull request moved on; another run takes care of it. */
  | { readonly outcome: 'stale'; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string; readonly report: string };

/** Brings up the preview of a pull request and says so in its one comment. */
export async function openPreview(request: OpenRequest, ports: PreviewPorts): Promise<OpenResult> {
  const { number, commit } = request;
  const started = ports.clock.now();
  const stale = await whyStale(request, ports);
  if (stale !== undefined) return { outcome: 'stale', message: stale };

  ports.progress.phase('provision');
  const environment = previewEnvironment(number);
  const [deployment, problem] = await Promise.all([
    ports.github.startDeployment({ commit, task: environment, description: `Preview of pull request ${number}` }),
    ports.provision({ number, mode: 'apply' }),
  ]);
  const result = problem === undefined ? await deployPreview(request, ports) : undefined;
  const opened = result?.outcome === 'deployed' || result?.outcome === 'unchanged';
  const report = result === undefined ? (problem ?? '') : deployReport(result);
  const url = baseUrl(request.project, environment);
  const body = opened
    ? openComment({
        ...facts(request, ports),
        url,
        changed: changedServices(request.images),
        seconds: (ports.clock.now() - started) / 1000,
      })
    : failedComment(request, report);
  await Promise.all([
    ports.github.upsertComment(number, previewMarker(number), body),
    ports.github.finishDeployment(deployment, opened ? { state: 'success', url } : { state: 'failure' }),
  ]);
  return opened
    ? { outcome: 'open', url, report }
    : { outcome: 'failed', message: problem ?? describe(result), report };
}

async function whyStale({ number, commit }: OpenRequest, { github }: PreviewPorts): Promise<string | undefined> {
  const pullRequest = await github.pullRequest(number);
  if (pullRequest === undefined) return `there is no pull request ${number}`;
  if (!pullRequest.open) return `pull request ${number} is closed`;
  if (pullRequest.headCommit === commit) return undefined;
  return `pull request ${number} is at ${pullRequest.headCommit.slice(0, 7)} by now, not at ${commit.slice(0, 7)}`;
}

function deployPreview(
  { project, number, images, commit, actor }: OpenRequest,
  ports: PreviewPorts,
): Promise<DeployResult> {
  const environment = previewEnvironment(number);
  return deploy({ project, environment, images, commit, actor, reason: `pull request ${number}` }, ports);
}

const facts = ({ number, commit, run, expiryDays }: OpenRequest, { clock }: PreviewPorts) => ({
  number,
  commit,
  run,
  expires: expiryDay(clock.now(), expiryDays),
});

const changedServices = (images: BuiltImages): readonly string[] =>
  Object.entries(images).flatMap(([service, { changed }]) => (changed ? [service] : []));

function describe(result: DeployResult | undefined): string {
  if (result?.outcome === 'failed') return result.release.failure ?? 'the release failed';
  if (result?.outcome === 'refused') return result.problems.join('; ');
  return 'the preview is frozen';
}
