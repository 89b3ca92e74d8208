import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createGitHub } from '../../local/github/github.ts';
import type { GitHub, Run } from '../../local/github/types.ts';
import type { ResourceRecord } from '../../local/terraform/engine/definition.ts';
import { startAllServices } from '../../local/terraform/testing/cloud.ts';
import { startTestProvider } from '../../local/terraform/testing/provider.ts';
import type { Project } from '../../pipeline/manifest/names.ts';
import { provision } from '../../pipeline/provision/provision.ts';
import type { ProvisionRequest, ProvisionResult } from '../../pipeline/provision/types.ts';
import { type Checkout, createCheckout } from '../support/checkout.ts';

export const STACKS = [
  'bootstrap',
  'account',
  ...['staging', 'production'].flatMap((name) => ['platform', 'data', 'app'].map((layer) => `${name}-${layer}`)),
];

const PROJECT: Project = {
  app: 'slipway',
  accountId: '000000000000',
  region: 'us-east-1',
  domain: 'slipway.localhost',
  urlPattern: 'http://{host}:1',
  repository: 'slipway/slipway',
};

/** Everything that infrastructure is about: AWS, Terraform's provider and GitHub with this repository; no images and no containers. */
export interface Scene {
  readonly cloud: TestCloud['cloud'];
  readonly github: GitHub;
  readonly checkout: Checkout;
  /** Variables with which a program of this checkout uses this scene as an administrator. */
  readonly environment: Readonly<Record<string, string>>;
  /** Provisions from the working tree, as a person with an administrator's credentials. */
  provision(
    request: Pick<ProvisionRequest, 'stacks' | 'mode'> & {
      readonly variables?: Readonly<Record<string, string>>;
    },
  ): Promise<ProvisionResult>;
  /** Changes files of main on a branch and opens a pull request; resolves when its runs are over. */
  change(request: {
    readonly branch: string;
    readonly edit: (read: (path: string) => string) => Readonly<Record<string, string>>;
  }): Promise<{ readonly number: number; readonly runs: readonly Run[] }>;
  /** A file of the working tree. */
  read(path: string): string;
  finished(ids: readonly number[]): Promise<readonly Run[]>;
  /** Records of a type that only Terraform knows. */
  records(type: string): ReturnType<TestCloud['cloud']['store']['collection']> & {
    entries(): [string, ResourceRecord][];
  };
  close(): Promise<void>;
}

export async function createScene(root = join(import.meta.dirname, '../..')): Promise<Scene> {
  const test = await startAllServices();
  const provider = await startTestProvider(test.cloud);
  const checkout = createCheckout();
  const { cloud } = test;
  const environment = environmentOf(test, provider.reattach);
  // The SDK clients of this process have no other way to learn where AWS is.
  Object.assign(process.env, ADMIN, { AWS_ENDPOINT_URL: environment['AWS_ENDPOINT_URL'], AWS_REGION: cloud.region });
  const github = await createGitHub(cloud, {
    repository: PROJECT.repository,
    runnerEnvironment: environment,
    dependencies: { lockfile: join(root, 'package-lock.json'), folder: join(root, 'node_modules') },
    issuer: 'https://token.actions.githubusercontent.com',
  });
  Object.assign(cloud.endpoints, { github: github.url });
  await github.seedRepository({ from: checkout.root, message: 'Seed' });
  github.setVariables({ ...projectVariables(), SLIPWAY_SKIP_CI: 'true' });
  const finished = (ids: readonly number[]) => Promise.all(ids.map((id) => github.runs.wait(id)));
  const read = (path: string): string => readFileSync(join(checkout.root, path), 'utf8');
  return {
    cloud,
    github,
    checkout,
    environment: { ...environment, ...projectVariables(), SLIPWAY_REPOSITORY: PROJECT.repository, ...ADMIN },
    provision: ({ variables, ...request }) =>
      provision({
        ...request,
        root: checkout.root,
        environment: {
          ...{ ...environment, ...projectVariables(), SLIPWAY_REPOSITORY: PROJECT.repository },
          ...ADMIN,
          ...variables,
        },
      }),
    async change({ branch, edit }) {
      const files = edit(read);
      await github.commit({ branch, files, message: `Change ${branch}` });
      const { number, runs } = await github.openPullRequest({ head: branch, title: branch });
      return { number, runs: await finished(runs) };
    },
    read,
    finished,
    records: (type) => cloud.store.collection<ResourceRecord>(`terraform/${type}`) as never,
    async close() {
      await github.close();
      await provider.close();
      await test.remove();
      checkout.remove();
    },
  };
}

/** Everything that the steps of a run printed. */
export const logOf = ({ jobs }: Pick<Run, 'jobs'>): string =>
  jobs.flatMap(({ steps }) => steps.flatMap(({ log }) => (log ? [readFileSync(log, 'utf8')] : []))).join('\n');

const ADMIN = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };

const projectVariables = (): Record<string, string> => ({
  AWS_REGION: PROJECT.region,
  SLIPWAY_APP: PROJECT.app,
  SLIPWAY_ACCOUNT_ID: PROJECT.accountId,
  SLIPWAY_DOMAIN: PROJECT.domain,
  SLIPWAY_URL_PATTERN: PROJECT.urlPattern,
});

function environmentOf({ cloud }: TestCloud, reattach: string): Record<string, string> {
  mkdirSync(join(cloud.home, 'terraform'), { recursive: true });
  const configuration = join(cloud.home, 'terraform', 'terraform.rc');
  writeFileSync(configuration, '');
  return {
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    AWS_ENDPOINT_URL: cloud.endpoints.aws,
    AWS_REGION: cloud.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    TF_REATTACH_PROVIDERS: reattach,
    TF_CLI_CONFIG_FILE: configuration,
    CHECKPOINT_DISABLE: '1',
  };
}
