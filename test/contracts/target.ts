import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryName } from '../../pipeline/manifest/names.ts';
import { startProofCloud } from '../proofs/kit/cloud.ts';

/** What the contract is asked of. */
export interface Target {
  readonly endpoint: string;
  /** An image in its ECR, for functions; absent where nobody named one. */
  readonly image?: string;
  /** For files of clients. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * `SLIPWAY_REFEREE_URL` names another implementation of AWS, with `SLIPWAY_REFEREE_IMAGE` as an image in its ECR; without it, the local cloud is asked. The contract is what we believe that AWS
 * does, so a referee that disagrees is a question worth asking.
 */
export async function openTarget(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-contract-'));
  const { SLIPWAY_REFEREE_URL: referee, SLIPWAY_REFEREE_IMAGE: image } = process.env;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  if (referee) return { endpoint: referee, folder, ...(image && { image }), close: async () => remove() };
  const cloud = await startProofCloud({ services: [{ service: 'contract', kind: 'job' }] });
  const { endpoints } = cloud.cloud;
  return {
    endpoint: endpoints.aws,
    folder,
    image: `${endpoints.registry}/${repositoryName(cloud.project.app, 'contract')}@${cloud.images.a['contract']?.digest}`,
    async close() {
      await cloud.close();
      remove();
    },
  };
}
