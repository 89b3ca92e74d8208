import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { environment, flag, input, main, refuseInputs, setOutput } from '../../kit/action.mjs';

const NO_PUSH = 'push-is-not-supported-by-the-local-runner://';

main(() => {
  refuseInputs(['ssh-key', 'filter', 'sparse-checkout', 'lfs', 'submodules']);
  const own = environment('GITHUB_REPOSITORY');
  if (input('repository') !== own)
    throw new Error(`The local runner checks out ${own} only, not ${input('repository')}`);
  const repository = environment('SLIPWAY_STANDIN_REPOSITORY');
  const folder = destination();
  const wanted = wantedCommit(repository);
  prepare(folder, repository);
  point(folder, wanted);
  console.log(`${wanted.commit} (${wanted.ref})`);
  setOutput('ref', wanted.ref);
  setOutput('commit', wanted.commit);
});

function destination() {
  const workspace = environment('GITHUB_WORKSPACE');
  const folder = resolve(workspace, input('path'));
  if (relative(workspace, folder).startsWith('..'))
    throw new Error(`path '${input('path')}' is not under the workspace`);
  return folder;
}

/** Without `ref` it is the commit of the event; else a commit, branch or tag. */
function wantedCommit(repository) {
  const ref = input('ref');
  if (ref === '') return { ref: environment('GITHUB_REF'), commit: environment('GITHUB_SHA') };
  const names =
    /^[0-9a-f]{40}$/.test(ref) || ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const name of names) {
    try {
      return { ref: name, commit: git(repository, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`).trim() };
    } catch {}
  }
  throw new Error(`A branch or tag with the name '${ref}' could not be found`);
}

/** An empty repository that reads objects from the original: nothing is copied. */
function prepare(folder, repository) {
  mkdirSync(folder, { recursive: true });
  const whole = folder === environment('GITHUB_WORKSPACE');
  if (whole) for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  else if (existsSync(join(folder, '.git'))) rmSync(folder, { recursive: true, force: true });
  git('.', 'init', '--quiet', '--template=', '--initial-branch=main', folder);
  const inside = join(folder, '.git');
  mkdirSync(join(inside, 'objects', 'info'), { recursive: true });
  mkdirSync(join(inside, 'info'), { recursive: true });
  writeFileSync(join(inside, 'objects', 'info', 'alternates'), `${join(repository, 'objects')}\n`);
  const remote = `[remote "origin"]\n\turl = ${repository}\n\tpushurl = ${NO_PUSH}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  writeFileSync(
    join(inside, 'config'),
    `[core]\n\trepositoryformatversion = 0\n\tbare = false\n[gc]\n\tauto = 0\n${remote}`,
  );
}

/** Checks the commit out as the real action does: a branch as branch, anything else detached. */
function point(folder, { ref, commit }) {
  if (input('fetch-depth') === '0') git(folder, 'fetch', '--quiet', '--tags', 'origin');
  else {
    writeFileSync(join(folder, '.git', 'shallow'), `${commit}\n`);
    if (flag('fetch-tags')) git(folder, 'fetch', '--quiet', '--tags', '--depth=1', 'origin');
  }
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (branch) git(folder, 'update-ref', `refs/remotes/origin/${branch}`, commit);
  git(folder, 'checkout', '--quiet', '--force', ...(branch ? ['-B', branch] : ['--detach']), commit);
}

function git(folder, ...args) {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
