import type { Cloud } from '../../../local/cloud.ts';
import { composeImage } from '../../../pipeline/image/build/document.ts';
import { packLayer } from '../../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../../pipeline/image/registry/blobs.ts';
import { createRegistryClient } from '../../../pipeline/image/registry/client.ts';
import { type Project, repositoryName } from '../../../pipeline/manifest/names.ts';
import type { BuiltImages } from '../../../pipeline/release/types.ts';
import type { ServiceSpec } from './provision.ts';

export const BUILDS = ['a', 'b'] as const;
export type Build = (typeof BUILDS)[number];
export type ImagesByBuild = Readonly<Record<Build, BuiltImages>>;

/** Pushes two tiny images of every service: `a` and `b`. */
export async function pushImages(
  cloud: Cloud,
  project: Project,
  services: readonly ServiceSpec[],
): Promise<ImagesByBuild> {
  const push = async (service: string, build: Build): Promise<string> => {
    const client = createRegistryClient({ host: cloud.endpoints.registry });
    const repository = repositoryName(project.app, service);
    const content = Buffer.from(`${service} ${build}`);
    const layer = await packLayer([{ type: 'file', path: 'app/main.mjs', mode: 0o644, content }], {
      folder: cloud.home,
    });
    const image = composeImage({
      platform: { os: 'linux', architecture: 'amd64' },
      layers: [{ ...layer, name: 'code', key: `${service} ${build}` }],
      container: { Entrypoint: ['node', 'main.mjs'] },
      annotations: {},
    });
    await Promise.all([fileBlob(layer), bytesBlob(image.config)].map((blob) => client.ensureBlob(repository, blob)));
    return (await client.pushManifest({ repository, target: `build-${build}` }, image.manifest)).digest;
  };
  const builds = {} as Record<Build, BuiltImages>;
  for (const { service } of services)
    await cloud.invoke('ecr', 'CreateRepository', { repositoryName: repositoryName(project.app, service) });
  for (const build of BUILDS) {
    const pushed = await Promise.all(
      services.map(async ({ service }) => {
        const digest = await push(service, build);
        return [
          service,
          { digest, tag: `build-${build}`, key: digest, changed: true, bytesPushed: 0, seconds: 0 },
        ] as const;
      }),
    );
    builds[build] = Object.fromEntries(pushed);
  }
  return builds;
}
