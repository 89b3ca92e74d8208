import type { PullRequestReport, RunReport } from '../../cloud/wire.ts';
import { EDITED_FILE, roundDifferently, rounded } from '../edit.ts';
import { bytesPushed, changedServices, expectRun, StepFailed, type StepOutcome, type World } from '../world.ts';

export interface PreviewOutcome extends StepOutcome {
  readonly pullRequest: number;
  readonly url: string;
}

/** A pull request changes one service; its preview answers differently from staging, exactly as the change intends. */
export async function preview(world: World): Promise<PreviewOutcome> {
  const { text } = await world.call<{ text: string }>('file', { path: EDITED_FILE });
  const edit = roundDifferently(text);
  const { pullRequest, runs } = await world.call<{ pullRequest: PullRequestReport; runs: RunReport[] }>('pr-open', {
    title: `Round predictions to ${edit.decimals} decimal${edit.decimals === 1 ? '' : 's'}`,
    files: { [EDITED_FILE]: edit.text },
  });
  for (const run of runs.filter(({ workflow }) => workflow === 'preview.yml')) expectRun(run, 'success');
  const environment = `pr-${pullRequest.number}`;
  const url = await commentedUrl(world, pullRequest.number);
  const [staging, changed] = await Promise.all([world.predict('staging'), world.predict(environment)]);
  if (changed !== rounded(staging, edit.decimals) || changed === staging) {
    throw new StepFailed(
      `The preview answers ${changed}, staging ${staging}; expected the preview to round to ${edit.decimals} decimals`,
    );
  }
  const detail = {
    pullRequest: pullRequest.number,
    url,
    built: changedServices(runs),
    prediction: { staging, preview: changed },
  };
  return { pullRequest: pullRequest.number, url, detail, bytesPushed: bytesPushed(runs) };
}

/** The URL in the pull request's sticky comment; there has to be exactly one such comment. */
async function commentedUrl(world: World, number: number): Promise<string> {
  const comments = await world.call<string[]>('comments', { number });
  const sticky = comments.filter((comment) => comment.includes('<!-- slipway-preview'));
  if (sticky.length !== 1)
    throw new StepFailed(`Pull request ${number} has ${sticky.length} sticky comments, expected 1`);
  const url = /https?:\/\/[^\s)>\]|"]+/.exec(sticky[0] ?? '')?.[0];
  if (!url) throw new StepFailed(`The comment on pull request ${number} carries no URL: ${sticky[0]}`);
  return url;
}
