import { git } from '../../repository/git.ts';
import type { Site } from '../../site.ts';
import { notFound } from '../refusal.ts';

interface Entry {
  readonly type: 'file' | 'dir' | 'symlink' | 'submodule';
  readonly sha: string;
  readonly size: number;
  readonly path: string;
}

const TYPES = { '040000': 'dir', '120000': 'symlink', '160000': 'submodule' } as const;

/** A file (base64) or the list of a folder, as `repos/get-content` answers it. @throws Refusal (404) */
export async function readContent(site: Site, commit: string, path: string): Promise<object> {
  const clean = path.replace(/^\/+|\/+$/g, '');
  const [entry] = clean === '' ? [] : await list(site, commit, clean);
  if (clean !== '' && !entry) throw notFound();
  if (!entry || entry.type === 'dir') {
    const entries = await list(site, commit, clean === '' ? '' : `${clean}/`);
    return entries.map((one) => ({ ...shape(site, commit, one), type: one.type }));
  }
  const text = await git(site.folder, ['cat-file', 'blob', entry.sha]);
  const content = Buffer.from(text)
    .toString('base64')
    .replaceAll(/(.{60})/g, '$1\n');
  return { ...shape(site, commit, entry), type: 'file', encoding: 'base64', content };
}

async function list(site: Site, commit: string, path: string): Promise<readonly Entry[]> {
  const output = await git(site.folder, ['ls-tree', '-lz', commit, ...(path === '' ? [] : ['--', path])]);
  return output.split('\0').flatMap((line) => {
    const [, mode = '', sha = '', size = '', name = ''] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
    const type = TYPES[mode as keyof typeof TYPES] ?? 'file';
    return name === '' ? [] : [{ type, sha, size: Number(size) || 0, path: name }];
  });
}

function shape(site: Site, commit: string, { sha, size, path }: Entry): object {
  const api = `${site.url}/repos/${site.options.repository}`;
  const web = `${site.url}/${site.options.repository}`;
  const encoded = encodeURI(path);
  const url = `${api}/contents/${encoded}?ref=${commit}`;
  const html = `${web}/blob/${commit}/${encoded}`;
  return {
    name: path.split('/').at(-1),
    path,
    sha,
    size,
    url,
    html_url: html,
    git_url: `${api}/git/blobs/${sha}`,
    download_url: `${web}/raw/${commit}/${encoded}`,
    _links: { self: url, git: `${api}/git/blobs/${sha}`, html },
  };
}
