import type { CredentialsProvider } from '../../../pipeline/image/registry/client.ts';
import { parseReference } from '../../../pipeline/image/registry/reference.ts';
import { ImageError } from '../runtime.ts';
import { EngineError, type EngineRequest } from './client.ts';
import type { Engine } from './find.ts';

export interface EngineImages {
  /** The image is in the engine and runs on this machine; concurrent calls share the pull. Throws `ImageError`. */
  prepare(image: string): Promise<void>;
}

interface Inspection {
  readonly Architecture: string;
  readonly Os: string;
}

const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/** Pulls images into an engine. Digests are verified by the engine. */
export function createEngineImages(engine: Engine, credentials?: CredentialsProvider): EngineImages {
  const { client } = engine;
  const ready = new Map<string, Promise<void>>();
  const prepare = async (image: string): Promise<void> => {
    if (!parseReference(image).digest) throw new ImageError(`${image} is not named by digest`);
    const path = `/images/${image}/json`;
    const present = await client.json<Inspection>({ path }).catch(() => undefined);
    if (!present) await pull({ engine, image, credentials });
    const { Architecture, Os } = present ?? (await client.json<Inspection>({ path }));
    if (Architecture !== ARCHITECTURE)
      throw new ImageError(`${image} is for ${Os}/${Architecture}, this machine is linux/${ARCHITECTURE}`);
  };
  return {
    prepare(image) {
      const known = ready.get(image);
      if (known) return known;
      const started = prepare(image).catch((error: unknown) => {
        ready.delete(image);
        throw error instanceof ImageError ? error : new ImageError(`${image}: ${reason(error)}`, { cause: error });
      });
      ready.set(image, started);
      return started;
    },
  };
}

interface Pull {
  readonly engine: Engine;
  readonly image: string;
  readonly credentials: CredentialsProvider | undefined;
}

async function pull({ engine, image, credentials }: Pull): Promise<void> {
  const headers = await authorization(image, credentials);
  // Docker takes plain HTTP from loopback registries by itself, Podman has to be told, which only its own API can do.
  const request: Pick<EngineRequest, 'path' | 'query'> =
    engine.kind === 'docker'
      ? { path: '/images/create', query: { fromImage: image } }
      : { path: '/v4.0.0/libpod/images/pull', query: { reference: image, tlsVerify: String(!isLoopback(image)) } };
  const progress = await engine.client.call({ method: 'POST', ...request, headers });
  const failure = progress
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => (JSON.parse(line) as { error?: string }).error)
    .find((error) => error);
  if (failure) throw new ImageError(`${image}: ${failure.trim()}`);
}

const isLoopback = (image: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\//.test(image);

async function authorization(
  image: string,
  credentials: CredentialsProvider | undefined,
): Promise<Record<string, string>> {
  if (!credentials) return {};
  const { username, password } = await credentials({ refresh: false });
  const known = { username, password, serveraddress: parseReference(image).host };
  return { 'x-registry-auth': Buffer.from(JSON.stringify(known)).toString('base64url') };
}

const reason = (error: unknown): string =>
  error instanceof EngineError && error.status === 404 ? `not found (${error.message})` : String(error);
