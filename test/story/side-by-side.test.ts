import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import type { StatusReport } from '../../local/cli/cloud/wire.ts';
import { awsOptions } from '../support/aws.ts';
import { call } from '../support/control.ts';
import { createHome, type TestHome } from '../support/home.ts';

const [one, two] = [createHome({ ports: 'chosen' }), createHome({ ports: 'chosen' })];
const MINUTES = 60_000;

beforeAll(async () => {
  await Promise.all([one.launch(), two.launch()]);
}, MINUTES);

afterAll(async () => {
  await Promise.all([one.remove(), two.remove()]);
}, MINUTES);

const s3 = (home: TestHome): S3Client => new S3Client({ ...awsOptions(home), forcePathStyle: true });

const status = (home: TestHome): Promise<StatusReport> => call(home, 'status');

test('two that start at the same moment have ports of their own', () => {
  const all = [one, two].flatMap((home) => Object.values(home.cloud().ports));
  expect(new Set(all).size).toBe(all.length);
});

test('each answers for its own folder', async () => {
  expect(await status(one)).toMatchObject({ home: one.folder, pid: one.cloud().pid });
  expect(await status(two)).toMatchObject({ home: two.folder, pid: two.cloud().pid });
});

test('what is made in one is not in the other', async () => {
  await s3(one).send(new CreateBucketCommand({ Bucket: 'only-in-one' }));
  const names = async (home: TestHome) =>
    (await s3(home).send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name);
  expect(await names(one)).toContain('only-in-one');
  expect(await names(two)).not.toContain('only-in-one');
});

test(
  'both bring up the same working tree at the same time, each its own account',
  async () => {
    await Promise.all([one, two].map(applyAccount));
    for (const home of [one, two]) {
      const { repositories = [] } = await new ECRClient(awsOptions(home)).send(new DescribeRepositoriesCommand({}));
      const { ports } = home.cloud();
      expect(repositories.map(({ repositoryUri }) => repositoryUri)).toContain(
        `127.0.0.1:${ports.registry}/slipway/web`,
      );
    }
  },
  3 * MINUTES,
);

/** The first half of `up`; the deployment that would follow is cancelled when it starts. */
async function applyAccount(home: TestHome): Promise<void> {
  const enough = new AbortController();
  const result = await home.cloud().client.call(
    'bootstrap',
    {},
    {
      signal: enough.signal,
      onEvent: ({ text }) => {
        if (String(text).startsWith('deploy.yml')) enough.abort();
      },
    },
  );
  expect(result).toEqual({ ok: false, message: 'Cancelled' });
}

test(
  'down of one leaves the other alone',
  async () => {
    const { pid } = two.cloud();
    expect((await one.json(['down'])).lines).toMatchObject([{ ok: true, stopped: true }]);
    expect(one.leftovers()).toEqual([]);
    expect(await status(two)).toMatchObject({ pid });
  },
  MINUTES,
);

test(
  'commands that start the same local cloud at the same time start one',
  async () => {
    await Promise.all([one.launch(), one.launch(), one.launch()]);
    expect(await status(one)).toMatchObject({ pid: one.cloud().pid });
    const processes = one.leftovers().filter((line) => line.includes('cloud/process.ts'));
    expect(processes).toHaveLength(1);
  },
  MINUTES,
);
