import type { Project } from '../../../pipeline/manifest/names.ts';
import { OWNER_ID, REPOSITORY_ID } from '../../github/site.ts';
import type { Ports } from '../ports.ts';

/** The account number of every local cloud: AWS gives it to nobody. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_REPOSITORY = 'slipway/slipway';
/** Tokens name owner and repository with their ids, as those of every repository made since July 2026. */
const LOCAL_SUBJECT = `repo:slipway@${OWNER_ID}/slipway@${REPOSITORY_ID}`;

/** Project settings on the local cloud: what slipway.json and repository variables say on AWS. */
export function localProject(ports: Ports): Project {
  return {
    app: 'slipway',
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    domain: 'slipway.localhost',
    urlPattern: `http://{host}:${ports.web}`,
    repository: LOCAL_REPOSITORY,
    oidcSubject: LOCAL_SUBJECT,
    // Images run on this machine.
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  };
}
