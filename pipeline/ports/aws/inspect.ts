import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createRegistryClient } from '../../image/registry/client.ts';
import { connectEcr } from '../../image/registry/ecr.ts';
import type { ImageConfig, ImageIndex, ImageManifest } from '../../image/registry/oci.ts';
import { repositoryOf } from '../images.ts';
import type { ImagePlatform, Inspect } from '../inspect.ts';

const MISSING = /^(?:ResourceNotFound|TargetGroupNotFound|NoSuchEntity|ClientException)(?:Exception)?$/;

async function unlessMissing<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && MISSING.test(error.name)) return undefined;
    throw error;
  }
}

export function createInspect(options: { readonly region: string; readonly maxAttempts?: number }): Inspect {
  const balancing = new ElasticLoadBalancingV2Client(options);
  const secrets = new SecretsManagerClient(options);
  const iam = new IAMClient(options);
  const lambda = new LambdaClient(options);
  const ecs = new ECSClient(options);
  const registry = onceOnly(async () => createRegistryClient(await connectEcr(options)));
  return {
    platforms: async (repositoryUrl, digest) => platformsOf(await registry(), repositoryOf(repositoryUrl), digest),
    attached: (arn) =>
      unlessMissing(async () => {
        const { TargetGroups = [] } = await balancing.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
        return (TargetGroups[0]?.LoadBalancerArns ?? []).length > 0;
      }),
    // One run looks at a secret several times: before anything moves, and for the record.
    secret: oncePerArgument((id) =>
      unlessMissing(async () => {
        const {
          ARN: arn = id,
          VersionIdsToStages = {},
          DeletedDate,
        } = await secrets.send(new DescribeSecretCommand({ SecretId: id }));
        const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
        const versions = Object.keys(VersionIdsToStages);
        return { arn, versions, deleted: DeletedDate !== undefined, ...(current && { current }) };
      }),
    ),
    // Services share their execution role.
    trusted: oncePerArgument((arn) =>
      unlessMissing(async () => {
        const { Role } = await iam.send(new GetRoleCommand({ RoleName: arn.split('/').at(-1) ?? '' }));
        return servicesOf(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '{}'));
      }),
    ),
    async unreadable(roleArn, arns) {
      if (arns.length === 0) return [];
      const { EvaluationResults = [] } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn,
          ActionNames: ['secretsmanager:GetSecretValue'],
          ResourceArns: [...arns],
        }),
      );
      const denied = EvaluationResults.flatMap(({ EvalDecision, EvalResourceName, ResourceSpecificResults = [] }) =>
        ResourceSpecificResults.length > 0
          ? ResourceSpecificResults.map((one) => [one.EvalResourceDecision, one.EvalResourceName] as const)
          : [[EvalDecision, EvalResourceName] as const],
      );
      return denied.flatMap(([decision, arn]) => (decision === 'allowed' ? [] : [arn ?? '']));
    },
    functionContents: (functionName, version) =>
      unlessMissing(async () => {
        const { Configuration, Code } = await lambda.send(
          new GetFunctionCommand({ FunctionName: functionName, ...(version && { Qualifier: version }) }),
        );
        return {
          architecture: Configuration?.Architectures?.[0] ?? 'x86_64',
          roleArn: Configuration?.Role ?? '',
          memory: String(Configuration?.MemorySize ?? ''),
          timeout: String(Configuration?.Timeout ?? ''),
          image: Code?.ImageUri ?? '',
          environment: Configuration?.Environment?.Variables ?? {},
        };
      }),
    // A revision never changes.
    taskDefinition: oncePerArgument((arn) =>
      unlessMissing(async () => {
        const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
        if (taskDefinition === undefined) throw new Error(`ECS described nothing for ${arn}`);
        return taskDefinition as unknown as Awaited<ReturnType<Inspect['taskDefinition']>> & object;
      }),
    ),
  };
}

function oncePerArgument<Value>(ask: (argument: string) => Promise<Value>): (argument: string) => Promise<Value> {
  const asked = new Map<string, Promise<Value>>();
  return (argument) => {
    const answer = asked.get(argument) ?? ask(argument);
    asked.set(argument, answer);
    return answer;
  };
}

function onceOnly<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** An index names the platforms of its images; the platform of a single image is in its configuration. */
async function platformsOf(
  registry: ReturnType<typeof createRegistryClient>,
  repository: string,
  digest: string,
): Promise<readonly ImagePlatform[] | undefined> {
  const pulled = await registry.pullManifest(repository, digest);
  if (pulled === undefined) return undefined;
  if ('manifests' in pulled.document) {
    const { manifests } = pulled.document as ImageIndex;
    // Attestations are listed as images of the platform unknown/unknown.
    return manifests.flatMap(({ platform }) => (platform && platform.os !== 'unknown' ? [platform] : []));
  }
  const { config } = pulled.document as ImageManifest;
  const { os, architecture } = JSON.parse(
    String(await registry.readBlob({ repository, digest: config.digest, size: config.size })),
  ) as ImageConfig;
  return [{ os, architecture }];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function servicesOf(policy: string): readonly string[] {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: unknown };
  return (Array.isArray(Statement) ? Statement : [Statement]).flatMap((statement) => {
    const { Effect, Principal } = statement as { Effect?: string; Principal?: { Service?: string | string[] } };
    return Effect === 'Allow' ? [Principal?.Service ?? []].flat() : [];
  });
}
