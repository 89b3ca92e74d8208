import type { Voice } from '../../changes.ts';
import { knownPull, save } from '../../pulls.ts';
import { changedFiles, mergeBase } from '../../repository/history.ts';
import { DEVELOPER_LOGIN } from '../../site.ts';
import type { PullRequest } from '../../types.ts';
import { Refusal } from '../refusal.ts';
import type { Caller, Handlers } from '../server.ts';
import type { OperationContext } from './context.ts';

export const voiceOf = (caller: Caller): Voice => (caller.run === undefined ? 'developer' : 'workflow');

export function pullOperations({ site, shapes, changes }: OperationContext): Handlers {
  const known = (parameters: Readonly<Record<string, unknown>>): PullRequest =>
    knownPull(site, Number(parameters['pull_number']));
  return {
    'pulls/list': ({ parameters }) => ({
      status: 200,
      body: listed(site.state.pulls.list(), parameters).map(shapes.pull),
    }),
    // Whoever works on this machine may do everything; everybody else is a stranger.
    'repos/get-collaborator-permission-level': ({ parameters }) => {
      const login = String(parameters['username']);
      const permission = login === DEVELOPER_LOGIN ? 'admin' : 'read';
      const user = { ...shapes.user(login), role_name: permission };
      return { status: 200, body: { permission, role_name: permission, user } };
    },
    'pulls/get': ({ parameters }) => ({ status: 200, body: shapes.fullPull(known(parameters)) }),
    'pulls/list-files': async ({ parameters }) => {
      const { baseCommit, headCommit } = known(parameters);
      const base = (await mergeBase(site.folder, baseCommit, headCommit)) ?? baseCommit;
      const files = await changedFiles(site.folder, base, headCommit);
      return { status: 200, body: files.map((file) => shapes.file(file, headCommit)) };
    },
    'pulls/create': async ({ body, caller }) => {
      const { head, base, title, body: text, draft } = body;
      if (typeof head !== 'string' || typeof title !== 'string')
        throw new Refusal(422, 'Validation Failed: head, title');
      const pull = await changes.open(
        {
          head: head.split(':').at(-1) ?? head,
          base: String(base),
          title,
          body: typeof text === 'string' ? text : '',
          draft: draft === true,
          author: caller.login,
        },
        voiceOf(caller),
      );
      return { status: 201, body: shapes.fullPull(pull) };
    },
    'pulls/update': async ({ parameters, body, caller }) => {
      const pull = known(parameters);
      const { title = pull.title, body: text = pull.body, state } = body;
      save(site, { ...pull, title: String(title), body: String(text ?? '') });
      if (state === 'closed' && pull.state === 'open') await changes.close(pull.number, voiceOf(caller));
      if (state === 'open' && pull.state === 'closed') await changes.reopen(pull.number, voiceOf(caller));
      return { status: 200, body: shapes.fullPull(known(parameters)) };
    },
    'pulls/merge': async ({ parameters, body, caller }) => {
      const pull = known(parameters);
      if (body['merge_method'] !== undefined && body['merge_method'] !== 'merge') {
        throw new Refusal(405, `The local GitHub merges with a merge commit only, not by ${body['merge_method']}`);
      }
      if (body['sha'] !== undefined && body['sha'] !== pull.headCommit) {
        throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
      }
      const merged = await changes.merge(pull.number, { voice: voiceOf(caller) });
      return {
        status: 200,
        body: { sha: merged.mergeCommit, merged: true, message: 'Pull Request successfully merged' },
      };
    },
    'repos/list-pull-requests-associated-with-commit': ({ parameters }) => {
      const sha = parameters['commit_sha'];
      const pulls = site.state.pulls.list().filter((pull) => [pull.headCommit, pull.mergeCommit].includes(String(sha)));
      return { status: 200, body: pulls.map(shapes.pull) };
    },
  };
}

function listed(pulls: readonly PullRequest[], parameters: Readonly<Record<string, unknown>>): readonly PullRequest[] {
  const { state = 'open', base, head, sort = 'created', direction = 'desc' } = parameters;
  const found = pulls.filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (base === undefined || pull.base === base) &&
      (head === undefined || pull.head === String(head).split(':').at(-1)),
  );
  const key = ({ number, updatedAt }: PullRequest): string =>
    (sort === 'updated' ? updatedAt : '') + String(number).padStart(9, '0');
  const ordered = found.toSorted((one, other) => key(one).localeCompare(key(other)));
  return direction === 'asc' ? ordered : ordered.reverse();
}
