import { DIGEST } from '../../pipeline/image/registry/digest.ts';

/** What a path of the distribution API means. */
export type Route =
  | { readonly kind: 'version' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'start-upload'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly target: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string };

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const UPLOAD = /^[0-9a-f-]{36}$/;
const NAME_LENGTH = 255;

/** Undefined when the path is none of the API's, or names something that cannot exist. */
export function parseRoute(path: string): Route | undefined {
  if (path === '/v2/' || path === '/v2') return { kind: 'version' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const match = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/([^/]*)$/.exec(
    path.replace(/\/uploads$/, '/uploads/'),
  );
  const [, repository = '', resource, last = ''] = match ?? [];
  if (!NAME.test(repository) || repository.length > NAME_LENGTH) return undefined;
  switch (resource) {
    case 'blobs/uploads':
      if (last === '') return { kind: 'start-upload', repository };
      return UPLOAD.test(last) ? { kind: 'upload', repository, id: last } : undefined;
    case 'blobs':
      return DIGEST.test(last) ? { kind: 'blob', repository, digest: last } : undefined;
    case 'manifests':
      return DIGEST.test(last) || TAG.test(last) ? { kind: 'manifest', repository, target: last } : undefined;
    case 'tags':
      return last === 'list' ? { kind: 'tags', repository } : undefined;
    case 'referrers':
      return DIGEST.test(last) ? { kind: 'referrers', repository, digest: last } : undefined;
    default:
      return undefined;
  }
}
