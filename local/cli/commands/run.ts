import type { Command } from '../arguments.ts';
import { comment } from './comment.ts';
import type { CommandContext } from './context.ts';
import { down } from './down.ts';
import { faults } from './faults.ts';
import { logs } from './logs.ts';
import { closePullRequest, merge, openPullRequest, pushPullRequest } from './pull-requests.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { story } from './story.ts';
import { up } from './up.ts';

/** Performs one command. Resolves to whether everything that was asked for is true. */
export function runCommand(command: Command, context: CommandContext): Promise<boolean> {
  switch (command.name) {
    case 'story':
      return story(context);
    case 'up':
      return up(context);
    case 'status':
      return status(context);
    case 'down':
      return down(command, context);
    case 'logs':
      return logs(command, context);
    case 'pr-open':
      return openPullRequest(command, context);
    case 'pr-push':
      return pushPullRequest(command, context);
    case 'pr-close':
      return closePullRequest(command, context);
    case 'merge':
      return merge(command, context);
    case 'faults':
    case 'faults-add':
    case 'faults-clear':
    case 'faults-crash':
    case 'faults-unhealthy':
    case 'faults-lose-runner':
      return faults(command, context);
    case 'comment':
      return comment(command, context);
    case 'rollback':
      return rollback(command, context);
  }
}
