import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { jest } from '@jest/globals';
import { localProject } from '../../local/cli/cloud/project.ts';
import type { PullRequestReport, RunReport } from '../../local/cli/cloud/wire.ts';
import { EDITED_FILE, roundDifferently } from '../../local/cli/story/edit.ts';
import {
  bucketName,
  PREVIEW_PASSWORD_HEADER,
  previewPasswordParameter,
  stateBucketName,
} from '../../pipeline/manifest/names.ts';
import { awsOptions } from '../support/aws.ts';
import { call, until } from '../support/control.ts';
import { type Reply, send } from '../support/front-door.ts';
import { createHome } from '../support/home.ts';

// Whole systems race the machine they run on here: one more try, which is printed with the error of the first.
jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });

const home = createHome();
const MINUTES = 60_000;
const QUESTION = {
  inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: [4, 97, 67, 2065, 17.8, 1980, 2] }],
};

/** Previews of this cloud ask for a password, before the first of them: everything below has to work with it. The story has none. */
const PASSWORD = 'let me in, please';
async function askForPassword(): Promise<void> {
  await home.launch();
  const Name = previewPasswordParameter(localProject(home.cloud().ports).app);
  const ssm = new SSMClient(awsOptions(home));
  await ssm.send(new PutParameterCommand({ Name, Type: 'SecureString', Value: PASSWORD }));
  const settings = readFileSync(join(home.checkout.root, SETTINGS), 'utf8');
  expect(settings).toContain('previewSignIn: false');
  home.checkout.write(SETTINGS, settings.replace('previewSignIn: false', 'previewSignIn: true'));
}
const SETTINGS = 'stacks/account-settings.ts';

beforeAll(async () => {
  await askForPassword();
  const { code, lines } = await home.json(['up']);
  expect({ code, lines }).toMatchObject({ code: 0 });
}, 5 * MINUTES);
afterAll(() => home.remove(), 2 * MINUTES);

interface Changed {
  readonly pullRequest: PullRequestReport;
  readonly runs: readonly RunReport[];
}

const program = { [PREVIEW_PASSWORD_HEADER]: PASSWORD };
const browser = { authorization: `Basic ${Buffer.from(`preview:${PASSWORD}`).toString('base64')}` };
const ask = (environment: string, headers: object = program): Promise<Reply> =>
  send(home, {
    environment,
    path: '/v2/models/fuel-economy/infer',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(QUESTION),
  });
const page = (environment: string, path = '/'): Promise<Reply> =>
  send(home, { environment, path, headers: { accept: 'text/html', ...browser } });
const prediction = (reply: Reply): number => JSON.parse(reply.text).outputs[0].data[0];

async function change(method: string, parameters: object): Promise<Changed> {
  const changed = await call<Changed>(home, method, parameters);
  return { ...changed, runs: changed.runs.filter(({ workflow }) => workflow.startsWith('preview')) };
}

async function comment(number: number): Promise<string> {
  const all = await call<string[]>(home, 'comments', { number });
  const ours = all.filter((body) => body.startsWith('<!-- slipway-preview:'));
  expect(ours).toHaveLength(1);
  return ours[0] ?? '';
}

async function openOne(more: object = {}): Promise<Changed> {
  const { text } = await call<{ text: string }>(home, 'file', { path: EDITED_FILE });
  return change('pr-open', {
    title: 'Round differently',
    files: { [EDITED_FILE]: roundDifferently(text).text },
    ...more,
  });
}

const well = (runs: readonly RunReport[]) =>
  expect(
    runs.map(({ workflow, conclusion, jobs }) => ({
      workflow,
      conclusion,
      errors: jobs.flatMap(({ errors }) => errors),
    })),
  );
const outputs = (runs: readonly RunReport[], name: string): string =>
  runs.flatMap(({ jobs }) => jobs.map((job) => job.outputs[name] ?? '')).find((text) => text !== '') ?? '';

async function loseState(of: number): Promise<void> {
  const s3 = new S3Client({ ...awsOptions(home), forcePathStyle: true });
  const Bucket = stateBucketName(localProject(home.cloud().ports));
  const Key = `preview-pr-${of}.tfstate`;
  await s3.send(new HeadObjectCommand({ Bucket, Key }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
}

async function tagged(environment: string): Promise<readonly (string | undefined)[]> {
  const client = new ResourceGroupsTaggingAPIClient(awsOptions(home));
  const TagFilters = [{ Key: 'Environment', Values: [environment] }];
  const { ResourceTagMappingList = [] } = await client.send(new GetResourcesCommand({ TagFilters }));
  return ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
}

let number = 0;

test(
  'a preview runs only what its pull request changes, and is a whole product',
  async () => {
    const { pullRequest, runs } = await openOne();
    well(runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
    number = pullRequest.number;
    expect(JSON.parse(outputs(runs, 'services'))).toEqual(['inference']);
    const [own, staging] = await Promise.all([ask(`pr-${number}`), ask('staging')]);
    expect(prediction(own)).not.toBe(prediction(staging));
    // What it does not run itself is staging's, and robots stay away.
    expect(await page(`pr-${number}`)).toMatchObject({ status: 200, text: expect.stringContaining('<main') });
    expect((await page(`pr-${number}`, '/robots.txt')).text).toContain('Disallow: /');
    const text = await comment(number);
    expect(text).toContain('| `inference` |');
    expect(text).toContain("staging's");
    expect(text).toMatch(/Predictions: \d+ changed|Predictions: unchanged/);
  },
  3 * MINUTES,
);

test('who does not know the password sees nothing of it, nor what staging answers in its place', async () => {
  const environment = `pr-${number}`;
  const strangers = [
    {},
    { authorization: 'Basic cHJldmlldzpndWVzcw==' },
    { [PREVIEW_PASSWORD_HEADER]: `${PASSWORD}!` },
  ];
  for (const headers of strangers) expect(await ask(environment, headers)).toMatchObject({ status: 401, text: '' });
  const refused = await send(home, { environment, path: '/', headers: {} });
  expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringContaining('Basic') } });
  expect((await ask('staging', { 'x-slipway-preview': environment })).status).toBe(401);
  expect((await ask(environment, browser)).status).toBe(200);
  expect((await ask('staging', {})).status).toBe(200);
});

test(
  'it sleeps when somebody who may asks for it, and many requests at once wake it once',
  async () => {
    const stranger = await change('pr-comment', { number, body: '/preview sleep', author: 'stranger' });
    well(stranger.runs).toEqual([{ workflow: 'preview-command.yml', conclusion: 'success', errors: [] }]);
    expect((await ask(`pr-${number}`)).status).toBe(200);

    const { runs } = await change('pr-comment', { number, body: '/preview sleep' });
    well(runs).toEqual([{ workflow: 'preview-command.yml', conclusion: 'success', errors: [] }]);
    expect(await comment(number)).toContain('sleeps, and wakes with the first request');

    const asked = await Promise.all([page(`pr-${number}`), ...Array.from({ length: 20 }, () => ask(`pr-${number}`))]);
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 503));
    // Who may not see it cannot wake it either.
    expect((await ask(`pr-${number}`, {})).status).toBe(401);
    expect(asked[0]?.text).toContain('<meta http-equiv="refresh"');
    expect(asked[1]?.text).toContain('is waking up');
    await until(async () => (await ask(`pr-${number}`)).status === 200);
    await call<RunReport>(home, 'dispatch', { workflow: 'sweep.yml', inputs: {} });
    expect(await comment(number)).toMatch(/is up.*\n[\s\S]*woken once/);
  },
  3 * MINUTES,
);

test(
  'a push updates it, a label is a command too, and closing leaves nothing',
  async () => {
    const { text } = await call<{ text: string }>(home, 'file', { path: EDITED_FILE });
    const { runs } = await change('pr-push', {
      number,
      files: { [EDITED_FILE]: `${roundDifferently(text).text}// More.\n` },
    });
    well(runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
    const labelled = await change('pr-label', { number, labels: ['preview-extend'] });
    expect(labelled.runs.map(({ workflow, conclusion }) => [workflow, conclusion])).toEqual(
      expect.arrayContaining([['preview-command.yml', 'success']]),
    );
    const closed = await change('pr-close', { number });
    well(closed.runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
    expect(await comment(number)).toContain('Nothing of it is left');
    const swept = await call<RunReport>(home, 'dispatch', { workflow: 'sweep.yml', inputs: {} });
    expect(swept.conclusion).toBe('success');
    expect(outputs([swept], 'left')).toBe('[]');
    // What is deleted in a versioned bucket is still there, unless every version is.
    const models = {
      Bucket: bucketName(localProject(home.cloud().ports), 'staging', 'models'),
      Prefix: `pr-${number}/`,
    };
    const s3 = new S3Client({ ...awsOptions(home), forcePathStyle: true });
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand(models));
    expect([...Versions, ...DeleteMarkers]).toEqual([]);
    expect(prediction(await ask(`pr-${number}`))).toBe(prediction(await ask('staging')));
  },
  3 * MINUTES,
);

test(
  'a fork gets an explanation and no identity; a label builds the commit that somebody looked at',
  async () => {
    const { pullRequest, runs } = await openOne({ fork: true });
    well(runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
    expect(runs[0]?.jobs.find(({ name }) => name === 'open')?.conclusion).toBe('skipped');
    const explained = await comment(pullRequest.number);
    expect(explained).toContain('No preview for a fork');
    const labelled = await change('pr-label', { number: pullRequest.number, labels: ['preview-fork'] });
    expect(labelled.runs.find(({ workflow }) => workflow === 'preview.yml')?.conclusion).toBe('success');
    expect(prediction(await ask(`pr-${pullRequest.number}`))).not.toBe(prediction(await ask('staging')));
    // Terraform's state is lost: what it made is found by name and tag, and deleted through the APIs.
    await loseState(pullRequest.number);
    const closed = await change('pr-close', { number: pullRequest.number });
    well(closed.runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
    expect(await comment(pullRequest.number)).toContain('Nothing of it is left');
    expect(await tagged(`pr-${pullRequest.number}`)).toEqual([]);
  },
  4 * MINUTES,
);

test(
  'a change of who takes asynchronous predictions runs who works on them, too: one that is asked for is done',
  async () => {
    const path = 'services/requests/src/routes.ts';
    const { text } = await call<{ text: string }>(home, 'file', { path });
    const files = { [path]: `${text}\n// A comment is a change, too.\nexport const VARIANT = 1;\n` };
    const { pullRequest, runs } = await change('pr-open', { title: 'Requests', files });
    well(runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
    expect(JSON.parse(outputs(runs, 'services'))).toEqual(['predictor', 'requests']);
    expect(await comment(pullRequest.number)).toMatch(/`predictor` .*works together with what changed/);
    const environment = `pr-${pullRequest.number}`;
    const headers = { ...program, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'fuel-economy', rows: [[4, 97, 67, 2065, 17.8, 1980, 2]] });
    const asked = await send(home, { environment, path: '/v1/predictions', headers, body });
    expect(asked).toMatchObject({ status: 202 });
    const { id } = JSON.parse(asked.text) as { id: string };
    const progress = async (): Promise<string> =>
      JSON.parse((await send(home, { environment, path: `/v1/predictions/${id}`, headers: program })).text).state;
    await until(async () => (await progress()) === 'done');
    const closed = await change('pr-close', { number: pullRequest.number });
    well(closed.runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
  },
  4 * MINUTES,
);

describe('a full preview', () => {
  const STACK = 'stacks/data.ts';
  const ANCHOR = '  addTables(making);\n';
  const TABLE = `  createTable(scope, 'table-audit', {
    name: tableName(input.environment, 'audit'),
    declaration: { partitionKey: 'id' },
    keyArn: making.keyArn,
    deletionProtection: making.settings.deletionProtection,
    limits: making.settings.tableLimits,
  });\n`;
  const BUCKET = `  new Bucket(scope, 'bucket-uploads', { name: bucketName(input.project, input.environment, 'uploads'), disposable: true });\n`;
  /** A rule before all others, for everybody's requests to staging. */
  const EVIL = `  new LbListenerRule(scope, 'evil', {
    listenerArn: platform('listener-arn'),
    priority: 2,
    condition: [{ hostHeader: { values: [hostName(input.project, 'staging')] } }],
    action: [{ type: 'fixed-response', fixedResponse: { contentType: 'text/plain', messageBody: 'ours now', statusCode: '200' } }],
  });\n`;
  const edited = async (...lines: readonly string[]): Promise<Record<string, string>> => {
    const { text } = await call<{ text: string }>(home, 'file', { path: STACK });
    const imports = text.replace(
      '{ type Construct, SecretsmanagerSecret }',
      '{ type Construct, LbListenerRule, SecretsmanagerSecret }',
    );
    expect(imports).toContain(ANCHOR);
    return { [STACK]: imports.replace(ANCHOR, ANCHOR + lines.join('')) };
  };
  const tables = async (): Promise<readonly string[]> =>
    (await new DynamoDBClient(awsOptions(home)).send(new ListTablesCommand({}))).TableNames ?? [];
  const buckets = async (): Promise<readonly string[]> => {
    const { Buckets = [] } = await new S3Client({ ...awsOptions(home), forcePathStyle: true }).send(
      new ListBucketsCommand({}),
    );
    return Buckets.flatMap(({ Name }) => Name ?? []);
  };
  const schedules = async (): Promise<readonly string[]> => {
    const { Schedules = [] } = await new SchedulerClient(awsOptions(home)).send(
      new ListSchedulesCommand({ NamePrefix: 'pr-' }),
    );
    return Schedules.flatMap(({ Name }) => Name ?? []);
  };
  let full = 0;

  test(
    "has what the pull request's own stacks say: a table and a bucket that main does not know",
    async () => {
      const { pullRequest, runs } = await change('pr-open', { title: 'Audit', files: await edited(TABLE, BUCKET) });
      full = pullRequest.number;
      well(runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
      expect(await comment(full)).toContain('comment /preview full');
      const labelled = await change('pr-label', { number: full, labels: ['preview-full'] });
      well(labelled.runs.filter(({ workflow }) => workflow === 'preview.yml')).toEqual([
        { workflow: 'preview.yml', conclusion: 'success', errors: [] },
      ]);
      expect(JSON.parse(outputs(labelled.runs, 'services'))).toEqual(
        expect.arrayContaining(['batch', 'inference', 'predictor', 'requests', 'scorer', 'web']),
      );
      expect(await tables()).toEqual(expect.arrayContaining([`pr-${full}-audit`, `pr-${full}-feedback`]));
      expect((await buckets()).filter((name) => name.includes(`-pr-${full}-`))).toHaveLength(4);
      expect((await ask(`pr-${full}`)).status).toBe(200);
      expect(await comment(full)).toContain('made from this pull request, stacks included');
    },
    4 * MINUTES,
  );

  test(
    'is refused what is not its own, with what it is, and stays as it was',
    async () => {
      const { runs } = await change('pr-push', { number: full, files: await edited(TABLE, BUCKET, EVIL) });
      const [run] = runs.filter(({ workflow }) => workflow === 'preview.yml');
      expect(run?.conclusion).toBe('failure');
      const text = await comment(full);
      expect(text).toContain('is not applied, and nothing was changed');
      expect(text).toMatch(/evil.* answers for other hosts/);
      expect((await ask('staging')).status).toBe(200);
      expect((await ask(`pr-${full}`)).status).toBe(200);
    },
    4 * MINUTES,
  );

  test(
    'leaves nothing behind, even if its state is lost',
    async () => {
      await loseState(full);
      expect(await schedules()).toEqual([`pr-${full}-batch`]);
      const closed = await change('pr-close', { number: full });
      well(closed.runs).toEqual([{ workflow: 'preview.yml', conclusion: 'success', errors: [] }]);
      expect(await comment(full)).toContain('Nothing of it is left');
      expect(await tagged(`pr-${full}`)).toEqual([]);
      expect(await tables()).not.toContain(`pr-${full}-audit`);
      expect((await buckets()).filter((name) => name.includes(`-pr-${full}-`))).toEqual([]);
      expect(await schedules()).toEqual([]);
    },
    4 * MINUTES,
  );
});
