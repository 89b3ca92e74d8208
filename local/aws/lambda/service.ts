import type { Cloud } from '../../cloud.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { AwsService } from '../kit/service.ts';
import { aliasOperations } from './aliases.ts';
import type { LambdaContext } from './context.ts';
import { createEnvironments } from './environments.ts';
import { functionOperations } from './functions.ts';
import { invokeOperations } from './invoke.ts';
import { invalidParameter } from './names.ts';
import { permissionOperations } from './permissions.ts';
import { keepAliasReady, provisionedOperations } from './provisioned.ts';
import { type Code, openRecords } from './records.ts';

/**
 * Lambda with functions from container images, run by the local runtime against a real Runtime API. Memory limits, the freeze between invocations and IAM are not
 * emulated.
 */
export function createLambdaService(cloud: Cloud, runtime: Runtime): AwsService {
  const records = openRecords(cloud);
  const environments = createEnvironments(cloud, runtime);
  const pulls = new Map<string, Promise<void>>();
  const context: LambdaContext = {
    cloud,
    records,
    environments,
    resolveCode: (imageUri) => resolveCode(cloud, imageUri),
    prepared: async (name) => pulls.get(name),
    prepare({ name, latest }) {
      const finished = (change: { ready: boolean; failure?: string }): void => {
        const current = records.find(name);
        if (current?.latest.revisionId === latest.revisionId) records.save({ ...current, ...change });
      };
      const pull = runtime.prepare(latest.code.resolvedImageUri).then(
        () => finished({ ready: true }),
        (error: unknown) => finished({ ready: false, failure: error instanceof Error ? error.message : String(error) }),
      );
      pulls.set(name, pull);
    },
  };
  return {
    name: 'lambda',
    operations: {
      ...functionOperations(context),
      ...aliasOperations(context),
      ...provisionedOperations(context),
      ...permissionOperations(context),
      ...invokeOperations(context),
    },
    // A pull that the local cloud's end cut short starts again.
    start: async () => {
      for (const record of records.list()) {
        if (!record.ready && record.failure === undefined) context.prepare(record);
        for (const alias of records.aliases(record.name)) keepAliasReady(context, record, alias);
      }
    },
    // A pull that is under way writes down how it ended, so it is waited for.
    stop: async () => {
      await Promise.all(pulls.values());
      await environments.close();
    },
  };
}

const IMAGE = /^([^/]+)\/([^@:]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** Resolves a tag to the digest that ECR has now; a digest has to exist, too. */
async function resolveCode(cloud: Cloud, imageUri: string): Promise<Code> {
  const [, host, repositoryName, imageTag = 'latest', imageDigest] = IMAGE.exec(imageUri) ?? [];
  if (!host || !repositoryName)
    throw invalidParameter(`Source image ${imageUri} is not valid. Provide a valid source image.`);
  try {
    const found = await cloud.invoke<{ imageDetails?: { imageDigest?: string }[] }>('ecr', 'DescribeImages', {
      repositoryName,
      imageIds: [imageDigest ? { imageDigest } : { imageTag }],
    });
    const digest = found.imageDetails?.[0]?.imageDigest;
    if (digest) return { imageUri, resolvedImageUri: `${host}/${repositoryName}@${digest}` };
  } catch (error) {
    cloud.log({ source: 'lambda', message: `ECR does not know ${imageUri}: ${String(error)}` });
  }
  throw invalidParameter(`Source image ${imageUri} does not exist. Provide a valid source image.`);
}
