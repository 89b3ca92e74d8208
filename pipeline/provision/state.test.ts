import type { S3Client } from '@aws-sdk/client-s3';
import type { Project } from '../manifest/names.ts';
import { createStateStore } from './state.ts';

const project: Project = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'o/r',
};

type Answers = Readonly<Record<string, unknown>>;

/** Answers commands by name and remembers them; an Error is thrown. */
function fakeClient(answers: Answers) {
  const sent: { name: string; input: Readonly<Record<string, unknown>> }[] = [];
  const send = async (command: { constructor: { name: string }; input: Readonly<Record<string, unknown>> }) => {
    const name = command.constructor.name.replace('Command', '');
    sent.push({ name, input: command.input });
    const answer = answers[name] ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { client: { send } as unknown as Pick<S3Client, 'send'>, sent, names: () => sent.map(({ name }) => name) };
}

const failure = (name: string): Error => Object.assign(new Error(name), { name });
const PROTECTION = ['PutPublicAccessBlock', 'PutBucketEncryption', 'PutBucketVersioning'];

describe('ensureBucket', () => {
  test('leaves a complete bucket alone', async () => {
    const { client, names } = fakeClient({ GetBucketVersioning: { Status: 'Enabled' } });
    expect(await createStateStore(project, client).ensureBucket()).toBe(false);
    expect(names()).toEqual(['GetBucketVersioning']);
  });

  test('creates a missing bucket and protects it, versioning last', async () => {
    const { client, names, sent } = fakeClient({ GetBucketVersioning: failure('NoSuchBucket') });
    expect(await createStateStore(project, client).ensureBucket()).toBe(true);
    expect(names()).toEqual(['GetBucketVersioning', 'CreateBucket', ...PROTECTION]);
    expect(sent.every(({ input }) => input['Bucket'] === 'demo-123456789012-state')).toBe(true);
    expect(sent[1]?.input).not.toHaveProperty('CreateBucketConfiguration');
  });

  test('names every region but us-east-1', async () => {
    const { client, sent } = fakeClient({ GetBucketVersioning: failure('NoSuchBucket') });
    await createStateStore({ ...project, region: 'eu-central-1' }, client).ensureBucket();
    expect(sent[1]?.input['CreateBucketConfiguration']).toEqual({ LocationConstraint: 'eu-central-1' });
  });

  test('completes a bucket that a killed run left half made', async () => {
    const { client, names } = fakeClient({ GetBucketVersioning: {} });
    expect(await createStateStore(project, client).ensureBucket()).toBe(true);
    expect(names()).toEqual(['GetBucketVersioning', ...PROTECTION]);
  });

  test('does not take a refusal for a missing bucket', async () => {
    const { client } = fakeClient({ GetBucketVersioning: failure('AccessDenied') });
    await expect(createStateStore(project, client).ensureBucket()).rejects.toThrow('AccessDenied');
  });
});

describe('unlock', () => {
  test('breaks a lock and says whose it was', async () => {
    const text = JSON.stringify({ ID: '1', Who: 'me@here', Operation: 'OperationTypeApply', Created: 'now' });
    const { client, sent } = fakeClient({ GetObject: { Body: { transformToString: async () => text } } });
    const lock = await createStateStore(project, client).unlock('staging-app');
    expect(lock).toEqual({ id: '1', who: 'me@here', operation: 'OperationTypeApply', created: 'now' });
    expect(sent.at(-1)).toEqual({
      name: 'DeleteObject',
      input: { Bucket: 'demo-123456789012-state', Key: 'staging-app.tfstate.tflock' },
    });
  });

  test('does nothing where there is no lock', async () => {
    const { client, names } = fakeClient({ GetObject: failure('NoSuchKey') });
    expect(await createStateStore(project, client).unlock('staging-app')).toBeUndefined();
    expect(names()).toEqual(['GetObject']);
  });
});
