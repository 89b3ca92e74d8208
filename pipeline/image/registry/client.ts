import type { Readable } from 'node:stream';
import { type BlobAddress, openBlob, readBlob } from './blob-read.ts';
import { type Arrival, type Blob, ensureBlob, hasBlob, type UploadOptions } from './blob-write.ts';
import { listTags } from './lists.ts';
import {
  deleteManifest,
  type PulledManifest,
  type PushedManifest,
  pullManifest,
  pushManifest,
  resolveManifest,
} from './manifests.ts';
import type { Descriptor, ImageManifest } from './oci.ts';
import { pushReferrers, referrersOf } from './referrers.ts';
import { Session, type SessionOptions } from './session.ts';

export type { Credentials, CredentialsProvider } from './authorization.ts';
export type { BlobAddress } from './blob-read.ts';
export type { Arrival, Blob, UploadOptions } from './blob-write.ts';
export { DigestError, RegistryError } from './errors.ts';
export type { PulledManifest } from './manifests.ts';

export type RegistryClientOptions = SessionOptions;

/**
 * A client of the OCI distribution protocol (https://github.com/opencontainers/distribution-spec). Requests are retried, credentials
 * go to the registry only, and everything that is read or stored is compared with its digest. Fails with `RegistryError` or
 * `DigestError`; what is not there is `undefined` or `false`.
 */
export interface RegistryClient {
  readonly host: string;
  hasBlob(repository: string, digest: string): Promise<boolean>;
  /** Must be read to its end before its bytes are trusted. */
  openBlob(address: BlobAddress): Readable;
  readBlob(address: BlobAddress): Promise<Buffer>;
  ensureBlob(repository: string, blob: Blob, options?: UploadOptions): Promise<Arrival>;
  /** `target` is a tag or a digest, here and below. */
  resolveManifest(repository: string, target: string): Promise<Descriptor | undefined>;
  pullManifest(repository: string, target: string): Promise<PulledManifest | undefined>;
  pushManifest(
    address: { readonly repository: string; readonly target: string },
    manifest: { readonly bytes: Uint8Array; readonly mediaType: string },
  ): Promise<PushedManifest>;
  deleteManifest(repository: string, target: string): Promise<boolean>;
  listTags(repository: string): Promise<string[]>;
  referrers(repository: string, digest: string, artifactType?: string): Promise<Descriptor[]>;
  pushReferrers(repository: string, manifests: readonly ImageManifest[]): Promise<string[]>;
}

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const session = new Session(options);
  return {
    host: options.host,
    hasBlob: (repository, digest) => hasBlob(session, repository, digest),
    openBlob: (address) => openBlob(session, address),
    readBlob: (address) => readBlob(session, address),
    ensureBlob: (repository, blob, upload) => ensureBlob(session, repository, blob, upload),
    resolveManifest: (repository, target) => resolveManifest(session, repository, target),
    pullManifest: (repository, target) => pullManifest(session, repository, target),
    pushManifest: (address, manifest) => pushManifest(session, address, manifest),
    deleteManifest: (repository, target) => deleteManifest(session, repository, target),
    listTags: (repository) => listTags(session, repository),
    referrers: (repository, digest, artifactType) => referrersOf(session, repository, digest, artifactType),
    pushReferrers: (repository, manifests) => pushReferrers(session, repository, manifests),
  };
}
