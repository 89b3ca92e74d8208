/** Publishing, promoting and rolling back models. Versions never change; which one serves is a pointer that moves by compare-and-set. */
import { isDeepStrictEqual } from 'node:util';
import type { ObjectStore } from '../aws/objects.ts';
import type { Result } from '../result.ts';
import { uuidv7 } from '../uuid.ts';
import { type ModelName, modelFolder, showModelName } from './name.ts';
import { parseDescription } from './read-description.ts';
import { CHANGES_KEY, type ModelFiles, PROMOTION_FILE, type Promotion, parsePromotion, readVersions } from './store.ts';

export interface Bucket {
  readonly objects: ObjectStore;
  /** What all keys start with; empty outside previews. */
  readonly prefix: string;
}

export interface Change {
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How many versions that served before are remembered. */
const HISTORY = 20;
const ATTEMPTS = 5;

/**
 * Adds a version. It does not serve before it is promoted, unless it is the model's first one.
 * @param prove says what is wrong with the model, undefined when it may be published
 */
export async function publishModel(
  bucket: Bucket,
  { json, onnx }: { readonly json: string; readonly onnx: Uint8Array },
  { prove, ...change }: Change & { readonly prove: (files: ModelFiles) => Promise<string | undefined> },
): Promise<Result<{ readonly name: string; readonly version: string; readonly added: boolean }>> {
  const description = parseDescription(json);
  if (!description.ok) return description;
  const { tenant, name: model, version } = description.value;
  const problem = await prove({ description: description.value, onnx });
  if (problem !== undefined) return { ok: false, error: problem };
  const name: ModelName = tenant === undefined ? { model } : { tenant, model };
  const before = await readVersions(bucket.objects, bucket.prefix, name);
  // Without a pointer the newest version serves, which this one would become by being there.
  if (before) await movePointer(bucket, name, (now) => now ?? first(before.current, change));
  const folder = `${bucket.prefix}${modelFolder(name)}${version}/`;
  const added = await addVersion(bucket, folder, { json, onnx });
  if (added === 'other')
    return { ok: false, error: `${showModelName(name)} ${version} exists with other content; use a new version` };
  await announce(bucket, change);
  return { ok: true, value: { name: showModelName(name), version, added: added === 'added' } };
}

/** `model.json` is written last: a version without it does not count, and a killed publication is repeated. */
async function addVersion(
  { objects }: Bucket,
  folder: string,
  { json, onnx }: { readonly json: string; readonly onnx: Uint8Array },
): Promise<'added' | 'same' | 'other'> {
  const place = async (
    key: string,
    body: string | Uint8Array,
    contentType: string,
  ): Promise<'added' | 'same' | 'other'> => {
    if (await objects.writeIf('absent', { key, body, contentType })) return 'added';
    const there = await objects.read(key);
    return there && Buffer.from(there).equals(Buffer.from(body)) ? 'same' : 'other';
  };
  const graph = await place(`${folder}model.onnx`, onnx, 'application/octet-stream');
  return graph === 'other' ? graph : place(`${folder}model.json`, json, 'application/json');
}

/** Makes a published version the one that serves. */
export async function promoteModel(
  bucket: Bucket,
  name: ModelName,
  { version, ...change }: Change & { readonly version: string },
): Promise<Result<Promotion>> {
  const found = await readVersions(bucket.objects, bucket.prefix, name);
  if (!found) return { ok: false, error: `there is no model ${showModelName(name)}` };
  if (!found.versions.includes(version))
    return { ok: false, error: `${showModelName(name)} has no version ${version}, only ${found.versions.join(', ')}` };
  return settle(
    bucket,
    change,
    await movePointer(bucket, name, (now) => {
      const serving = now ?? first(found.current, change);
      if (serving.version === version) return serving;
      return { ...first(version, change), previous: [serving.version, ...serving.previous].slice(0, HISTORY) };
    }),
  );
}

/** Makes the version that served before serve again. */
export async function rollBackModel(bucket: Bucket, name: ModelName, change: Change): Promise<Result<Promotion>> {
  return settle(
    bucket,
    change,
    await movePointer(bucket, name, (now) => {
      const [version, ...previous] = now?.previous ?? [];
      if (version === undefined) return `no version of ${showModelName(name)} served before this one`;
      return { ...first(version, change), previous };
    }),
  );
}

const first = (version: string, { by, reason, now }: Change): Promotion => ({
  version,
  previous: [],
  at: new Date(now).toISOString(),
  by,
  reason,
});

async function settle(bucket: Bucket, change: Change, moved: Promotion | string): Promise<Result<Promotion>> {
  if (typeof moved === 'string') return { ok: false, error: moved };
  await announce(bucket, change);
  return { ok: true, value: moved };
}

/** @param next gives the new pointer from the present one, or says why there is none; called again when somebody else was faster */
async function movePointer(
  { objects, prefix }: Bucket,
  name: ModelName,
  next: (now: Promotion | undefined) => Promotion | string,
): Promise<Promotion | string> {
  const key = `${prefix}${modelFolder(name)}${PROMOTION_FILE}`;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const there = await objects.readTagged(key);
    const now = there && parsePromotion(there.bytes);
    const wanted = next(now);
    if (typeof wanted === 'string' || isDeepStrictEqual(wanted, now)) return wanted;
    const object = { key, body: `${JSON.stringify(wanted, null, 2)}\n`, contentType: 'application/json' };
    if (await objects.writeIf(there ? { tag: there.tag } : 'absent', object)) return wanted;
  }
  return `${showModelName(name)} was changed by others ${ATTEMPTS} times meanwhile; try again`;
}

/** Servers look at this object every few seconds. */
async function announce({ objects, prefix }: Bucket, { by, reason, now }: Change): Promise<void> {
  await objects.write(
    `${prefix}${CHANGES_KEY}`,
    // Two changes of the same millisecond are two.
    JSON.stringify({ id: uuidv7(now), at: new Date(now).toISOString(), by, reason }),
    'application/json',
  );
}
