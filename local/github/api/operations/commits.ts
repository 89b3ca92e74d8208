import { GitError, git, resolveCommit } from '../../repository/git.ts';
import { changedFiles, listCommits, mergeBase } from '../../repository/history.ts';
import { deleteRef, updateRef } from '../../repository/merge.ts';
import type { Site } from '../../site.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Handlers } from '../server.ts';
import { readContent } from './content.ts';
import type { OperationContext } from './context.ts';
import { voiceOf } from './pulls.ts';

/** Answers that come from the git repository itself. */
export function commitOperations({ site, shapes, changes, examples }: OperationContext): Handlers {
  const { folder, url, options } = site;
  const api = `${url}/repos/${options.repository}`;
  const refShape = (ref: string, sha: string) => ({
    ...examples('git/get-ref'),
    ref,
    url: `${api}/git/${ref}`,
    object: { type: 'commit', sha, url: `${api}/git/commits/${sha}` },
  });
  return {
    'repos/get': () => ({ status: 200, body: shapes.repository() }),
    'repos/list-commits': async ({ parameters }) => {
      const start = await knownCommit(site, parameters['sha'] ?? 'refs/heads/main');
      const path = parameters['path'];
      const commits = await listCommits(folder, start, { limit: 1000, ...(typeof path === 'string' ? { path } : {}) });
      return { status: 200, body: commits.map(shapes.commit) };
    },
    'repos/get-commit': async ({ parameters }) => {
      const sha = await knownCommit(site, parameters['ref']);
      const [commit] = await listCommits(folder, sha, { limit: 1 });
      if (!commit) throw notFound();
      const files = await changedFiles(folder, commit.parents[0] ?? (await emptyTree(site)), sha);
      return { status: 200, body: { ...shapes.commit(commit), files: files.map((file) => shapes.file(file, sha)) } };
    },
    'repos/compare-commits-with-basehead': async ({ parameters }) => ({
      status: 200,
      body: await compare({ site, shapes }, String(parameters['basehead'])),
    }),
    'repos/get-content': async ({ parameters }) => {
      const commit = await knownCommit(site, parameters['ref'] ?? 'refs/heads/main');
      return { status: 200, body: await readContent(site, commit, String(parameters['path'])) };
    },
    'repos/get-branch': async ({ parameters }) => {
      const sha = await knownCommit(site, `refs/heads/${parameters['branch']}`);
      const [commit] = await listCommits(folder, sha, { limit: 1 });
      if (!commit) throw notFound();
      const name = String(parameters['branch']);
      return {
        status: 200,
        body: { ...examples('repos/get-branch'), name, commit: shapes.commit(commit), protected: false },
      };
    },
    'git/get-ref': async ({ parameters }) => {
      const ref = `refs/${parameters['ref']}`;
      return { status: 200, body: refShape(ref, await knownCommit(site, ref)) };
    },
    'git/create-ref': async ({ body, caller }) => {
      const [ref, sha] = [String(body['ref']), await knownCommit(site, body['sha'])];
      if (!/^refs\/(heads|tags)\/\S+$/.test(ref))
        throw new Refusal(422, 'Reference name must start with refs/heads/ or refs/tags/');
      if (await resolveCommit(folder, ref)) throw new Refusal(422, 'Reference already exists');
      if (ref.startsWith('refs/heads/')) await changes.push({ branch: ref.slice(11), commit: sha }, voiceOf(caller));
      else await updateRef(folder, ref, sha);
      return { status: 201, body: refShape(ref, sha) };
    },
    'git/update-ref': async ({ parameters, body, caller }) => {
      const [ref, sha] = [`refs/${parameters['ref']}`, await knownCommit(site, body['sha'])];
      const before = await knownCommit(site, ref);
      if (body['force'] !== true && (await mergeBase(folder, before, sha)) !== before) {
        throw new Refusal(422, 'Update is not a fast forward');
      }
      if (ref.startsWith('refs/heads/')) await changes.push({ branch: ref.slice(11), commit: sha }, voiceOf(caller));
      else await updateRef(folder, ref, sha);
      return { status: 200, body: refShape(ref, sha) };
    },
    'git/delete-ref': async ({ parameters }) => {
      const ref = `refs/${parameters['ref']}`;
      if (!(await resolveCommit(folder, ref))) throw new Refusal(422, 'Reference does not exist');
      await deleteRef(folder, ref);
      return { status: 204 };
    },
  };
}

/** What `base...head` says, with GitHub's words: `ahead` = head has what base has, and more. */
async function compare({ site, shapes }: Pick<OperationContext, 'site' | 'shapes'>, basehead: string): Promise<object> {
  const [base, head] = basehead.split('...');
  if (!base || !head) throw notFound();
  const [from, to] = await Promise.all([knownCommit(site, base), knownCommit(site, head)]);
  const common = await mergeBase(site.folder, from, to);
  if (!common) throw new Refusal(404, `No common ancestor between ${base} and ${head}.`);
  const [files, ahead, behind, commonCommits, baseCommits] = await Promise.all([
    changedFiles(site.folder, common, to),
    listCommits(site.folder, `${from}..${to}`),
    listCommits(site.folder, `${to}..${from}`),
    listCommits(site.folder, common, { limit: 1 }),
    listCommits(site.folder, from, { limit: 1 }),
  ]);
  const apart = ahead.length > 0 && behind.length > 0 ? 'diverged' : undefined;
  const status = apart ?? (ahead.length > 0 ? 'ahead' : behind.length > 0 ? 'behind' : 'identical');
  const web = `${site.url}/${site.options.repository}/compare/${basehead}`;
  return {
    url: `${site.url}/repos/${site.options.repository}/compare/${basehead}`,
    html_url: web,
    permalink_url: web,
    diff_url: `${web}.diff`,
    patch_url: `${web}.patch`,
    base_commit: baseCommits.map(shapes.commit)[0],
    merge_base_commit: commonCommits.map(shapes.commit)[0],
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.toReversed().map(shapes.commit),
    files: files.map((file) => shapes.file(file, to)),
  };
}

/** A commit by sha, branch, tag or full ref. @throws Refusal (404) */
async function knownCommit(site: Site, name: unknown): Promise<string> {
  const sha = await resolveCommit(site.folder, String(name));
  if (!sha) throw notFound();
  return sha;
}

async function emptyTree(site: Site): Promise<string> {
  try {
    return (await git(site.folder, ['hash-object', '-t', 'tree', '-w', '--stdin'])).trim();
  } catch (error) {
    throw error instanceof GitError ? notFound() : error;
  }
}
