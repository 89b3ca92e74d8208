import { ANNOTATION } from '../../pipeline/image/build/annotations.ts';
import { composeIndex, documentOf } from '../../pipeline/image/build/document.ts';
import { findExisting } from '../../pipeline/image/build/existing.ts';
import { isFirstImage, type PlatformImage, pushManifests, pushTags } from '../../pipeline/image/build/publish.ts';
import { contentTagOf } from '../../pipeline/image/build/tags.ts';
import type { Lifetime, ServiceBuild } from '../../pipeline/image/build/types.ts';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import { MEDIA } from '../../pipeline/image/registry/oci.ts';
import { LIFECYCLE_RULES, type LifecycleRule } from '../../stacks/constructs/lifecycle-rules.ts';
import { expiredBy, type SimulatedImage, SimulatedRepository } from './lifecycle.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
/** Days after the last push on which the sweep has destroyed a preview at the latest. */
const PREVIEW_LIVES = 8;

/** Small numbers that look random and are the same in every run (Park and Miller). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

interface Preview {
  readonly digest: string;
  readonly until: number;
}

/** One platform's part of an image, without layers. */
function imageOf(content: string, key: string, architecture: string): PlatformImage {
  const config = { mediaType: MEDIA.config, digest: sha256(`${content} for ${architecture}`), size: 1 };
  const annotations = { [ANNOTATION.key]: key };
  const manifest = documentOf({ schemaVersion: 2, config, layers: [], annotations }, MEDIA.manifest);
  return { image: { manifest, platform: { os: 'linux', architecture } }, layers: [] } as unknown as PlatformImage;
}

/** A year of one service: the builder's own tagging, and ECR's rules once a day. */
class Year {
  now = START;
  builds = 0;
  /** Digests of the releases of staging and production, newest last: all of them can be asked for by id. */
  readonly releases: string[] = [];
  readonly repository = new SimulatedRepository(() => this.now);
  readonly previews = new Map<number, Preview>();
  readonly notes: string[] = [];
  readonly #rules: readonly LifecycleRule[];
  readonly #sparesParts: boolean;

  constructor(rules: readonly LifecycleRule[], { sparesParts = true } = {}) {
    this.#rules = rules;
    this.#sparesParts = sparesParts;
  }

  /** As `buildNodeService` does it, without the content. */
  async build(content: string, lifetime: Lifetime, commit = `${this.builds}`): Promise<string> {
    this.builds += 1;
    const key = sha256(content).slice('sha256:'.length);
    const build = {
      client: this.repository.client(),
      repository: 'app/web',
      request: { commit, lifetime, now: () => new Date(this.now) },
    } as unknown as ServiceBuild;
    const existing = await findExisting(build, 'base', () => key);
    if (existing?.note !== undefined) this.notes.push(existing.note);
    if (existing !== undefined) return existing.digest;
    const images = ['amd64', 'arm64'].map((architecture) => imageOf(content, key, architecture));
    const top = composeIndex(
      images.map(({ image }) => image),
      { [ANNOTATION.key]: key },
    );
    const contentTag = await contentTagOf(build, top.digest, key);
    const publication = { images, top, contentTag, isFirst: await isFirstImage(build) };
    await pushManifests(build, publication, []);
    return pushTags(build, publication);
  }

  async preview(number: number, content: string, commit?: string): Promise<void> {
    const digest = await this.build(content, 'preview', commit);
    this.previews.set(number, { digest, until: this.now + PREVIEW_LIVES * DAY });
  }

  async release(content: string, commit?: string): Promise<void> {
    this.releases.push(await this.build(content, 'release', commit));
  }

  /** The next day. What is needed and gone. */
  async sleep(): Promise<readonly string[]> {
    this.now += DAY;
    for (const [number, { until }] of this.previews) if (until < this.now) this.previews.delete(number);
    this.repository.expire(this.#rules, { sparesParts: this.#sparesParts });
    const bootstrap = await this.repository.client().resolveManifest('app/web', 'bootstrap');
    const first = this.builds === 0 ? [] : [bootstrap?.digest ?? 'bootstrap'];
    const needed = [...first, ...this.releases, ...[...this.previews.values()].map(({ digest }) => digest)];
    const parts = new Set(needed.flatMap((digest) => this.repository.partsOf(digest)));
    return [...needed, ...parts].filter((digest) => !this.repository.images.has(digest));
  }
}

/** Merges, reverts, idle and revived pull requests, workflows that are run again months later. Returns what was lost. */
async function live(year: Year, seed: number): Promise<{ lost: readonly string[]; released: Set<string> }> {
  const random = numbers(seed);
  const lost: string[] = [];
  const contents: string[] = ['first'];
  const commits: { readonly content: string; readonly commit: string }[] = [];
  for (let day = 0; day < 365; day += 1) {
    for (let pushes = random(6); pushes > 0; pushes -= 1) {
      const number = day * 10 + pushes;
      // Every third push changes nothing of this service, every tenth brings back what some pull request had long ago.
      const kind = random(10);
      const current = contents.at(-1) ?? '';
      const content =
        kind < 3
          ? current
          : kind === 3
            ? (commits[random(commits.length || 1)]?.content ?? current)
            : `${day}-${pushes}`;
      const commit = `pr-${number}`;
      commits.push({ content, commit });
      await year.preview(number, content, commit);
      const again = commits[random(commits.length)];
      if (random(20) === 0 && again) await year.preview(number + 5, again.content, again.commit);
      if (random(3) === 0) {
        contents.push(content);
        await year.release(content);
      }
      // A revert, and a workflow of long ago that is run again.
      if (random(15) === 0) await year.release(contents[random(contents.length)] ?? current);
    }
    lost.push(...(await year.sleep()));
  }
  return { lost, released: new Set(year.releases) };
}

test.each([
  [1, true],
  [2, true],
  [3, false],
])(
  'a year of releases, previews and reverts loses nothing that is needed (%d; parts of an index spared: %s)',
  async (seed, sparesParts) => {
    const year = new Year(LIFECYCLE_RULES, { sparesParts });
    const { lost, released } = await live(year, seed);
    expect(lost).toEqual([]);
    expect(released.size).toBeGreaterThan(150);
    // What is left beside the releases is what two months of previews leave, and what was brought back after its month.
    const wanted = new Set([...released].flatMap((digest) => [digest, ...year.repository.partsOf(digest)]));
    const others = [...year.repository.images.values()].filter(({ digest }) => !wanted.has(digest));
    const young = others.filter(({ pushedAt }) => pushedAt >= year.now - 61 * DAY);
    const kept = others.filter(({ tags }) => [...tags].some((tag) => /^(?:key-|bootstrap)/.test(tag)));
    expect(new Set([...young, ...kept]).size).toBe(others.length);
    expect(others.length / 3).toBeLessThan(year.builds / 4);
  },
);

test.each([
  ['counting', { tagPrefixList: ['sha-'], countType: 'imageCountMoreThan', countNumber: 200 } as const],
  ['age', { tagPrefixList: ['sha-'], countType: 'sinceImagePushed', countUnit: 'days', countNumber: 90 } as const],
  ['age of previews alone', { tagPrefixList: ['preview-'], countType: 'sinceImagePushed', countNumber: 20 } as const],
])('the same year finds rules that lose images: %s', async (_name, selection) => {
  const shield = LIFECYCLE_RULES.slice(0, selection.tagPrefixList[0] === 'preview-' ? 2 : 0);
  const rule: LifecycleRule = {
    rulePriority: 9,
    description: '',
    selection: { tagStatus: 'tagged', ...selection },
    action: { type: 'expire' },
  };
  const { lost } = await live(new Year([...shield, rule]), 1);
  expect(lost.length).toBeGreaterThan(0);
});

test('an image of a preview is as good as new for a release, and then stays', async () => {
  const year = new Year(LIFECYCLE_RULES);
  await year.preview(1, 'first');
  await year.preview(2, 'merged');
  await year.preview(3, 'abandoned');
  const before = year.repository.images.size;
  await year.release('merged');
  expect(year.repository.images.size).toBe(before);
  for (let day = 0; day < 100; day += 1) expect(await year.sleep()).toEqual([]);
  const left = [...year.repository.images.values()].flatMap(({ tags }) => [...tags]);
  expect(left.filter((tag) => /^(?:bootstrap|key-)/.test(tag)).map((tag) => tag.replace(/[0-9a-f]{64}/, ''))).toEqual([
    ...['bootstrap-amd64', 'bootstrap-arm64', 'bootstrap', 'key--amd64', 'key--arm64', 'key-'],
  ]);
  expect(year.repository.images.size).toBe(6);
});

test('a service that does not change for more commits than an image takes tags is still released', async () => {
  const year = new Year(LIFECYCLE_RULES);
  for (let commit = 0; commit < 1100; commit += 1) await year.release('same');
  expect(new Set(year.releases).size).toBe(1);
  expect(year.notes.length).toBeGreaterThan(90);
  expect(year.notes[0]).toContain('the digest counts');
});

test('the evaluator: priority protects, all prefixes have to match, counting goes from young to old', () => {
  const image = (digest: string, age: number, ...tags: string[]): SimulatedImage => ({
    digest,
    bytes: Buffer.alloc(0),
    mediaType: '',
    pushedAt: START - age * DAY,
    tags: new Set(tags),
  });
  const rule = (rulePriority: number, selection: Omit<LifecycleRule['selection'], 'tagStatus'>): LifecycleRule => ({
    rulePriority,
    description: '',
    selection: { tagStatus: 'tagged', ...selection },
    action: { type: 'expire' },
  });
  const images = [image('old', 9, 'a-1', 'b-1'), image('middle', 5, 'a-2'), image('new', 1, 'a-3'), image('bare', 99)];
  const count = (rulePriority: number, countNumber: number, ...tagPrefixList: string[]) =>
    rule(rulePriority, { tagPrefixList, countType: 'imageCountMoreThan', countNumber });
  expect(expiredBy([count(1, 1, 'a-')], images, START)).toEqual(['middle', 'old']);
  expect(expiredBy([count(1, 9, 'b-'), count(2, 1, 'a-')], images, START)).toEqual(['middle']);
  expect(expiredBy([count(2, 9, 'b-'), count(1, 1, 'a-')], images, START)).toEqual(['middle', 'old']);
  expect(
    expiredBy([rule(1, { tagPrefixList: ['a-', 'b-'], countType: 'sinceImagePushed', countNumber: 5 })], images, START),
  ).toEqual(['old']);
  expect(
    expiredBy([rule(1, { tagPrefixList: ['a-'], countType: 'sinceImagePushed', countNumber: 5 })], images, START),
  ).toEqual(['old']);
});
