import { tellMessage } from './comment.ts';
import type { PreviewPorts } from './ports.ts';
import { FORK_LABEL } from './verbs.ts';

/**
 * Tells the pull request of a fork why it has no preview. A label that lets one commit be built is taken off again by the next push: what
 * somebody looked at is not what is there now. Needs no identity in the cloud.
 */
export async function explainFork(
  { number, commit }: { readonly number: number; readonly commit: string },
  { github }: Pick<PreviewPorts, 'github'>,
): Promise<string> {
  const pullRequest = await github.pullRequest(number);
  if (pullRequest === undefined) return `There is no pull request ${number}`;
  if (pullRequest.labels?.includes(FORK_LABEL)) await github.removeLabel(number, FORK_LABEL);
  const message = `Pull requests from forks get no preview by themselves: nothing that a stranger wrote runs in our account before somebody has looked at it. Who may write to this repository can look at commit ${commit.slice(0, 7)} and add the label ${FORK_LABEL}; that builds this commit and no later one.`;
  await tellMessage({ number, heading: 'No preview for a fork', message }, { github });
  return message;
}
