import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  ListImagesCommand,
  ListTagsForResourceCommand,
  PutAccountSettingCommand,
  PutImageCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr';
import { enableBlobMounting } from '../../../pipeline/image/registry/blob-mounting.ts';
import { createRegistry, type Registry, RegistryStorage } from '../../registry/registry.ts';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createRegistryRules } from './registry-rules.ts';
import { createEcrService } from './service.ts';

const repositoryName = 'slipway/web';
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('ECR', () => {
  let aws: TestCloud;
  let client: ECRClient;
  let registry: Registry;

  async function start(home: string): Promise<void> {
    const storage = new RegistryStorage({ folder: join(home, 'registry') });
    aws = await startTestCloud((cloud) => [createEcrService(cloud, storage)], { home });
    registry = await createRegistry({ folder: join(home, 'registry'), port: 0, ...createRegistryRules(aws.cloud) });
    Object.assign(aws.cloud.endpoints, { registry: `127.0.0.1:${registry.port}` });
    client = new ECRClient(aws.client);
  }
  beforeEach(async () => {
    await start(mkdtempSync(join(tmpdir(), 'slipway-ecr-')));
    await client.send(
      new CreateRepositoryCommand({
        repositoryName,
        imageTagMutability: 'IMMUTABLE',
        tags: [{ Key: 'app', Value: 'slipway' }],
      }),
    );
  });
  afterEach(async () => {
    await registry.close();
    await aws.remove();
  });

  /** Pushes an image with one small blob by the registry protocol, as a client with ECR's credentials does. */
  async function push(tag: string, content = tag): Promise<Response> {
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    const [{ authorizationToken, proxyEndpoint } = {}] = authorizationData ?? [];
    const headers = { authorization: `Basic ${authorizationToken}` };
    const blob = { digest: sha256(content), size: content.length };
    const base = `${proxyEndpoint}/v2/${repositoryName}`;
    const upload = await fetch(`${base}/blobs/uploads/?digest=${blob.digest}`, {
      method: 'POST',
      headers,
      body: content,
    });
    if (!upload.ok) return upload;
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...blob };
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] });
    return fetch(`${base}/manifests/${tag}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': mediaType },
      body: manifest,
    });
  }
  const describeImages = async (more: object = {}) =>
    (await client.send(new DescribeImagesCommand({ repositoryName, ...more }))).imageDetails ?? [];

  test('repositories are described as on AWS, also after a restart', async () => {
    await registry.close();
    await aws.stop();
    await start(aws.cloud.home);
    const { repositories } = await client.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }));
    expect(repositories).toMatchObject([
      {
        repositoryArn: 'arn:aws:ecr:us-east-1:000000000000:repository/slipway/web',
        repositoryUri: `127.0.0.1:${registry.port}/slipway/web`,
        imageTagMutability: 'IMMUTABLE',
        encryptionConfiguration: { encryptionType: 'AES256' },
      },
    ]);
    const resourceArn = repositories?.[0]?.repositoryArn;
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([
      { Key: 'app', Value: 'slipway' },
    ]);
    const again = client.send(new CreateRepositoryCommand({ repositoryName }));
    await expect(again).rejects.toMatchObject({ name: 'RepositoryAlreadyExistsException' });
    const missing = client.send(new DescribeRepositoriesCommand({ repositoryNames: ['slipway/none'] }));
    await expect(missing).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
    await expect(client.send(new CreateRepositoryCommand({ repositoryName: 'Bad Name' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  test('what was pushed is what ECR describes', async () => {
    expect((await push('sha-1')).status).toBe(201);
    await push('key-1', 'sha-1');
    await push('sha-2');
    const [first] = await describeImages({ imageIds: [{ imageTag: 'sha-1' }] });
    expect(first).toMatchObject({
      imageTags: expect.arrayContaining(['sha-1', 'key-1']),
      artifactMediaType: 'application/vnd.oci.image.config.v1+json',
    });
    expect(first?.imagePushedAt).toBeInstanceOf(Date);
    expect(await describeImages({ imageIds: [{ imageDigest: first?.imageDigest }] })).toEqual([first]);
    expect(await describeImages()).toHaveLength(2);
    const { imageIds } = await client.send(new ListImagesCommand({ repositoryName, filter: { tagStatus: 'TAGGED' } }));
    expect(imageIds?.map(({ imageTag }) => imageTag).toSorted()).toEqual(['key-1', 'sha-1', 'sha-2']);
    await expect(describeImages({ imageIds: [{ imageTag: 'none' }] })).rejects.toMatchObject({
      name: 'ImageNotFoundException',
    });
  });

  test('tags of an immutable repository stay, by both doors', async () => {
    await push('sha-1');
    expect((await push('sha-1', 'other')).status).toBe(400);
    await push('sha-2');
    const { images } = await client.send(
      new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'sha-2' }, { imageTag: 'none' }] }),
    );
    const imageManifest = images?.[0]?.imageManifest;
    const put = (imageTag: string) => client.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));
    await expect(put('sha-1')).rejects.toMatchObject({ name: 'ImageTagAlreadyExistsException' });
    await expect(put('sha-2')).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' });
    expect((await put('release')).image?.imageId?.imageDigest).toBe(images?.[0]?.imageId?.imageDigest);
    await client.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: 'MUTABLE' }));
    expect((await push('sha-1', 'other')).status).toBe(201);
  });

  test('images and repositories are deleted', async () => {
    await push('sha-1');
    await push('key-1', 'sha-1');
    const remove = (imageIds: { imageTag?: string; imageDigest?: string }[]) =>
      client.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
    await remove([{ imageTag: 'key-1' }]);
    expect((await describeImages())[0]?.imageTags).toEqual(['sha-1']);
    await expect(client.send(new DeleteRepositoryCommand({ repositoryName }))).rejects.toMatchObject({
      name: 'RepositoryNotEmptyException',
    });
    const last = await remove([{ imageTag: 'sha-1' }, { imageTag: 'none' }]);
    expect(last.failures).toMatchObject([{ failureCode: 'ImageNotFound' }]);
    expect(await describeImages()).toEqual([]);
    await push('sha-2');
    await client.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    await client.send(new CreateRepositoryCommand({ repositoryName }));
    expect(await describeImages()).toEqual([]);
  });

  test('pushes need a repository and a valid token', async () => {
    await client.send(new DeleteRepositoryCommand({ repositoryName }));
    expect((await push('sha-1')).status).toBeGreaterThanOrEqual(400);
    const rules = createRegistryRules(aws.cloud);
    expect(rules.authenticate('AWS', 'guess')).toBe(false);
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    const [user = '', password = ''] = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64')
      .toString()
      .split(':');
    expect(rules.authenticate(user, password)).toBe(true);
    const later = createRegistryRules({ ...aws.cloud, now: () => Date.now() + 13 * 60 * 60 * 1000 });
    expect(later.authenticate(user, password)).toBe(false);
  });

  test('blob mounting is switched on once', async () => {
    expect(await enableBlobMounting(client)).toBe(true);
    expect(await enableBlobMounting(client)).toBe(false);
    const name = 'NONSENSE';
    const unknown = client.send(new PutAccountSettingCommand({ name, value: 'ENABLED' }));
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('lifecycle policies are kept and checked', async () => {
    const read = () => client.send(new GetLifecyclePolicyCommand({ repositoryName }));
    await expect(read()).rejects.toMatchObject({ name: 'LifecyclePolicyNotFoundException' });
    const put = (lifecyclePolicyText: string) =>
      client.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    await put('{"rules":[]}');
    expect((await read()).lifecyclePolicyText).toBe('{"rules":[]}');
    await expect(put('{')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});
