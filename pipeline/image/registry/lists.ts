import { PROTOCOL, RegistryError } from './errors.ts';
import type { Descriptor } from './oci.ts';
import type { Session } from './session.ts';
import { parseJson, readAll } from './transport.ts';

const PAGE_BYTES = 16 << 20;
const NEXT_PAGE = /<([^>]+)>\s*;\s*rel="?next"?/;

/** All tags of a repository; none when there is no such repository. */
export async function listTags(session: Session, repository: string): Promise<string[]> {
  const pages = await readPages(session, repository, `/v2/${repository}/tags/list?n=1000`);
  return (pages ?? []).flatMap((page) => (page['tags'] as string[] | null) ?? []);
}

/** What refers to `digest` as its subject; undefined when the registry has no referrers API. */
export async function listReferrers(
  session: Session,
  repository: string,
  digest: string,
): Promise<Descriptor[] | undefined> {
  const pages = await readPages(session, repository, `/v2/${repository}/referrers/${digest}`);
  return pages?.flatMap((page) => (page['manifests'] as Descriptor[] | undefined) ?? []);
}

/** Follows `Link: <...>; rel="next"`. Undefined when the first page is not there. */
async function readPages(
  session: Session,
  repository: string,
  first: string,
): Promise<Record<string, unknown>[] | undefined> {
  const pages: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  for (let url: string | undefined = first; url !== undefined; ) {
    const answer: { page: Record<string, unknown>; next: string | undefined } | undefined = await session.request({
      method: 'GET',
      url,
      scope: `repository:${repository}:pull`,
      expect: [200, 404],
      read: async (response) => {
        const body = await readAll(response, PAGE_BYTES);
        if (response.statusCode === 404) return undefined;
        return {
          page: parseJson(body, `${session.base.host}/${repository}`) as Record<string, unknown>,
          next: NEXT_PAGE.exec(String(response.headers.link ?? ''))?.[1],
        };
      },
    });
    if (answer === undefined) return pages.length === 0 ? undefined : pages;
    pages.push(answer.page);
    seen.add(url);
    url = answer.next;
    if (url !== undefined && seen.has(url))
      throw new RegistryError(`${session.base.host}/${repository} lists the same page for ever`, { code: PROTOCOL });
  }
  return pages;
}
