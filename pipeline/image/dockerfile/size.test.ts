import type { ServiceBuild } from '../build/types.ts';
import { requireImageFits } from './size.ts';

const GIB = 2 ** 30;

/** An image whose layers claim these sizes. */
function imageOf(kind: string, sizes: readonly number[], history: readonly object[]): ServiceBuild {
  const layers = sizes.map((size) => ({ mediaType: 'x', digest: 'sha256:x', size }));
  const image = { config: { mediaType: 'x', digest: 'sha256:c', size: 2 }, layers };
  const index = { manifests: [{ mediaType: 'x', digest: 'part', size: 2 }] };
  const client = {
    pullManifest: async (_repository: string, target: string) => ({ document: target === 'part' ? image : index }),
    readBlob: async () => Buffer.from(JSON.stringify({ history })),
  };
  return { client, repository: 'app/x', manifest: { name: 'x', kind, memory: 512 } } as unknown as ServiceBuild;
}

const STEPS = [
  { created_by: 'the base' },
  { created_by: 'WORKDIR /app', empty_layer: true },
  { created_by: 'COPY weights /app' },
];

test('an image that is too large for its kind is refused, and the step is named', async () => {
  await expect(requireImageFits(imageOf('function', [GIB, 10 * GIB], STEPS), 'index')).rejects.toThrow(
    'x (function) has 11264.0 MiB and Lambda takes 10240.0 MiB; largest parts: "COPY weights /app" 10240.0 MiB, "the base" 1024.0 MiB',
  );
  await requireImageFits(imageOf('web', [GIB, 10 * GIB], STEPS), 'index');
});

test('without a history the layers are counted', async () => {
  await expect(requireImageFits(imageOf('web', [GIB, 20 * GIB], []), 'index')).rejects.toThrow('"layer 2" 20480.0 MiB');
});
