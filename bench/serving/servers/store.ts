/** S3 of the local cloud in a process of its own, as it is of no service either: what it costs here burdens the other processor only. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as s3 from '@aws-sdk/client-s3';
import { createS3Service } from '../../../local/aws/s3/service.ts';
import { createAwsServer } from '../../../local/aws/server.ts';
import type { Cloud } from '../../../local/cloud.ts';
import { openStore } from '../../../local/state/store.ts';

const home = mkdtempSync(join(tmpdir(), 'slipway-store-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));

const log = (): void => undefined;
const cloud: Cloud = {
  home,
  accountId: '000000000000',
  region: 'us-east-1',
  store: openStore(join(home, 'state.sqlite')),
  endpoints: { aws: '', registry: '', github: '', sentry: '', web: '', terraform: '' },
  now: Date.now,
  log,
  invoke: (service, operation, input) => server.invoke(service, operation, input),
};
const server = await createAwsServer({ services: [createS3Service(cloud)], clientModules: [s3], port: 0, log });
console.log(server.port);
