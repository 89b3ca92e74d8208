import { DIGEST } from './digest.ts';

export interface ImageReference {
  /** `docker.io`, `127.0.0.1:5000`. */
  readonly host: string;
  /** `library/node`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * Reads an image reference the way Docker does: no host means docker.io, no owner there means `library/`, neither tag nor digest
 * means `latest`. Throws with the part that is wrong.
 */
export function parseReference(text: string): ImageReference {
  const [name = '', digest] = split(text, text.indexOf('@'));
  const [path, tag] = split(name, colonOfTag(name));
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(0, slash));
  const hasHost = first === 'localhost' || /[.:]/.test(first);
  const host = hasHost ? first : 'docker.io';
  const below = hasHost ? path.slice(slash + 1) : path;
  const repository = host === 'docker.io' && !below.includes('/') ? `library/${below}` : below;
  const wrong = (part: string): never => {
    throw new Error(
      `${JSON.stringify(text)} is no image reference: ${part}; write host/repository:tag or host/repository@sha256:...`,
    );
  };
  if (!REPOSITORY.test(repository)) wrong(`"${repository}" is no repository name`);
  if (tag !== undefined && !TAG.test(tag)) wrong(`"${tag}" is no tag`);
  if (digest !== undefined && !DIGEST.test(digest)) wrong(`"${digest}" is no digest`);
  return { host, repository, ...(tag && { tag }), ...(digest && { digest }) };
}

/** What the registry is asked for: the digest if there is one. */
export const targetOf = ({ digest, tag }: ImageReference): string => digest ?? tag ?? 'latest';

function colonOfTag(name: string): number {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? colon : -1;
}

function split(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
