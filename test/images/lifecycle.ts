import { type RegistryClient, RegistryError } from '../../pipeline/image/registry/client.ts';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import type { ImageIndex } from '../../pipeline/image/registry/oci.ts';
import type { LifecycleRule } from '../../stacks/constructs/lifecycle-rules.ts';

export interface SimulatedImage {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** Milliseconds since the epoch. Pushing what is there changes nothing. */
  readonly pushedAt: number;
  readonly tags: ReadonlySet<string>;
}

const DAY = 86_400_000;

/**
 * Digests that ECR would expire. All rules are evaluated at once and then applied by priority; an image that has the tags of a rule
 * cannot be expired by a later one; prefixes of one rule have to match all.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function expiredBy(rules: readonly LifecycleRule[], images: readonly SimulatedImage[], now: number): string[] {
  const taken = new Set<string>();
  const byPriority = rules.toSorted((a, b) => a.rulePriority - b.rulePriority);
  return byPriority.flatMap(({ selection }) => {
    const matching = images.filter(({ tags }) => hasPrefixes(tags, selection.tagPrefixList));
    const free = expiredOf(matching, selection, now).filter(({ digest }) => !taken.has(digest));
    for (const { digest } of matching) taken.add(digest);
    return free.map(({ digest }) => digest);
  });
}

const hasPrefixes = (tags: ReadonlySet<string>, prefixes: readonly string[]): boolean =>
  prefixes.every((prefix) => [...tags].some((tag) => tag.startsWith(prefix)));

function expiredOf(
  images: readonly SimulatedImage[],
  { countType, countNumber }: LifecycleRule['selection'],
  now: number,
): readonly SimulatedImage[] {
  if (countType === 'sinceImagePushed') return images.filter(({ pushedAt }) => pushedAt < now - countNumber * DAY);
  return images.toSorted((a, b) => b.pushedAt - a.pushedAt).slice(countNumber);
}

/** ECR's quota; the next one is refused with 403. */
const TAGS_PER_IMAGE = 1000;

/** One repository with immutable tags, in memory, and as much of a client as tagging takes. */
export class SimulatedRepository {
  readonly images = new Map<string, SimulatedImage & { readonly tags: Set<string> }>();
  readonly #tags = new Map<string, string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Digests of the parts of an index; none of an image of one platform. */
  partsOf(digest: string): readonly string[] {
    const { manifests = [] } = JSON.parse(this.images.get(digest)?.bytes.toString() ?? '{}') as Partial<ImageIndex>;
    return manifests.map((part) => part.digest);
  }

  /**
   * Days are over: what the rules expire is gone, with its tags. ECR spares the parts of an index that is there; `sparesParts` false is a
   * registry that does not.
   */
  expire(rules: readonly LifecycleRule[], { sparesParts = true } = {}): void {
    const expired = expiredBy(rules, [...this.images.values()], this.#now());
    const spared = new Set(sparesParts ? [...this.images.keys()].flatMap((digest) => this.partsOf(digest)) : []);
    for (const digest of expired.filter((one) => !spared.has(one))) {
      for (const tag of this.images.get(digest)?.tags ?? []) this.#tags.delete(tag);
      this.images.delete(digest);
    }
  }

  client(): Pick<RegistryClient, 'resolveManifest' | 'pullManifest' | 'pushManifest'> {
    const find = (target: string) => this.images.get(this.#tags.get(target) ?? target);
    return {
      resolveManifest: async (_repository, target) => {
        const found = find(target);
        return found && { digest: found.digest, mediaType: found.mediaType, size: found.bytes.length };
      },
      pullManifest: async (_repository, target) => {
        const found = find(target);
        return found && { ...found, document: JSON.parse(found.bytes.toString()) };
      },
      pushManifest: async ({ target }, { bytes, mediaType }) => {
        const digest = this.#push(Buffer.from(bytes), mediaType);
        if (target !== digest) this.#tag(target, digest);
        return { digest, listed: true };
      },
    };
  }

  #push(bytes: Buffer, mediaType: string): string {
    const digest = sha256(bytes);
    if (!this.images.has(digest))
      this.images.set(digest, { digest, bytes, mediaType, pushedAt: this.#now(), tags: new Set() });
    return digest;
  }

  #tag(tag: string, digest: string): void {
    const before = this.#tags.get(tag);
    if (before === digest) return;
    if (before !== undefined) throw new RegistryError(`${tag} is taken`, { status: 400, code: 'TAG_INVALID' });
    const { tags } = this.images.get(digest) ?? { tags: new Set<string>() };
    if (tags.size === TAGS_PER_IMAGE) throw new RegistryError('too many tags', { status: 403, code: 'DENIED' });
    tags.add(tag);
    this.#tags.set(tag, digest);
  }
}
