import { type CredentialsProvider, createRegistryClient, type RegistryClient } from '../registry/client.ts';
import { type ImageConfig, type ImageManifest, isIndex } from '../registry/oci.ts';
import { type ImageReference, parseReference, targetOf } from '../registry/reference.ts';
import type { BaseImage } from './document.ts';
import { platformOf } from './platform.ts';
import { BuildError, type PlatformName } from './types.ts';

/** The base of one run: resolved once, so that all services of a run stand on the same. */
export interface Base {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly digest: string;
  /** Its layers can be mounted, not copied. */
  readonly sameRegistry: boolean;
  /** Throws `BuildError` when the base does not exist for the platform. */
  image(platform: PlatformName): Promise<BaseImage>;
}

export interface BaseRequest {
  readonly reference: string;
  readonly registry: { readonly host: string; readonly credentials?: CredentialsProvider };
  /** Client of `registry`. */
  readonly client: RegistryClient;
}

/** Finds the digest that the reference means now. Throws `BuildError` when there is no such image. */
export async function resolveBase({ reference, registry, client: own }: BaseRequest): Promise<Base> {
  const parsed = parse(reference);
  const sameRegistry = parsed.host === registry.host;
  const client = sameRegistry ? own : createRegistryClient({ host: parsed.host });
  const digest = parsed.digest ?? (await digestOf(client, parsed, reference));
  const images = new Map<PlatformName, Promise<BaseImage>>();
  const image = (platform: PlatformName): Promise<BaseImage> => {
    const known =
      images.get(platform) ?? readBase({ client, repository: parsed.repository, digest, reference }, platform);
    images.set(platform, known);
    return known;
  };
  return { client, repository: parsed.repository, digest, sameRegistry, image };
}

function parse(reference: string): ImageReference {
  try {
    return parseReference(reference);
  } catch (cause) {
    throw new BuildError((cause as Error).message, 'Correct the input "base"', { cause });
  }
}

async function digestOf(client: RegistryClient, parsed: ImageReference, reference: string): Promise<string> {
  const found = await client.resolveManifest(parsed.repository, targetOf(parsed));
  if (found !== undefined) return found.digest;
  throw noBase(reference);
}

const noBase = (reference: string): BuildError =>
  new BuildError(`there is no base image ${reference}`, 'Correct the input "base", or push the base image first');

interface BaseAddress {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly digest: string;
  readonly reference: string;
}

async function readBase(address: BaseAddress, platform: PlatformName): Promise<BaseImage> {
  const { client, repository, reference } = address;
  const manifest = await platformManifest(address, platform);
  const { digest, size } = manifest.config;
  const config = JSON.parse((await client.readBlob({ repository, digest, size })).toString()) as ImageConfig;
  const { architecture, os } = platformOf(platform);
  if (config.architecture === architecture && config.os === os) return { manifest, config };
  throw new BuildError(
    `base image ${reference} is for ${config.os}/${config.architecture}, not for ${platform}`,
    'Choose a base image of that platform, or build for the platform of the base',
  );
}

async function platformManifest(address: BaseAddress, platform: PlatformName): Promise<ImageManifest> {
  const { client, repository, digest, reference } = address;
  const pulled = await client.pullManifest(repository, digest);
  if (pulled === undefined) throw noBase(reference);
  if (!isIndex(pulled.document)) return pulled.document;
  const { architecture, os } = platformOf(platform);
  const fits = pulled.document.manifests.find(
    (one) => one.platform?.os === os && one.platform.architecture === architecture,
  );
  const child = fits && (await client.pullManifest(repository, fits.digest));
  if (child !== undefined && !isIndex(child.document)) return child.document;
  throw new BuildError(
    `base image ${reference} does not exist for ${platform}`,
    'Choose a base image of that platform',
  );
}
