import { RegistryError } from '../registry/client.ts';
import { sha256 } from '../registry/digest.ts';
import { requireCommitTag, tagCommit } from './tags.ts';
import type { ServiceBuild } from './types.ts';

const BYTES = Buffer.from('{"schemaVersion":2,"config":{},"layers":[]}');
const DIGEST = sha256(BYTES);

/** A repository in which the commit's tag is set for good, and cannot be set again, be it to the same. */
function buildWhoseTagIs(digest: string): ServiceBuild {
  const client = {
    pullManifest: async () => ({ digest: DIGEST, bytes: BYTES, mediaType: 'x', document: {} }),
    resolveManifest: async () => ({ digest, mediaType: 'x', size: 1 }),
    pushManifest: async () => {
      throw new RegistryError('the tag is immutable', { status: 400, code: 'TAG_INVALID' });
    },
  };
  return { client, repository: 'app/web', request: { commit: 'c1' } } as unknown as ServiceBuild;
}

test('a commit’s tag that is the image’s already is as good as set', async () => {
  const build = buildWhoseTagIs(DIGEST);
  await requireCommitTag(build, { bytes: BYTES, mediaType: 'x' }, DIGEST);
  expect(await tagCommit(build, DIGEST)).toBeUndefined();
});

test('one that is another image’s is an error, however late that is noticed', async () => {
  const build = buildWhoseTagIs(sha256('other'));
  const problem = `app/web:sha-c1 is ${sha256('other')}: another build of this commit has pushed other content`;
  await expect(requireCommitTag(build, { bytes: BYTES, mediaType: 'x' }, DIGEST)).rejects.toThrow(problem);
  await expect(tagCommit(build, DIGEST)).rejects.toThrow(problem);
});
