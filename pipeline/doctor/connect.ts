import { resolveNs } from 'node:dns/promises';
import { getOctokit } from '@actions/github';
import { ECRClient, GetAccountSettingCommand } from '@aws-sdk/client-ecr';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Project, platformParameter, stateBucketName } from '../manifest/names.ts';
import type { DoctorPorts } from './gather.ts';
import type { SecretState } from './types.ts';

type GitHubPorts = Pick<DoctorPorts, 'repository' | 'subject' | 'variables' | 'repositorySecrets'>;

/** AWS by the SDK's own defaults; GitHub by a token that may read the repository's settings. */
export function connectDoctor(project: Project, token: string | undefined): DoctorPorts {
  return { ...connectAws(project), ...(token ? connectGitHub(project, token) : withoutToken()) };
}

function connectAws(project: Project): Omit<DoctorPorts, keyof GitHubPorts> {
  const settings = { region: project.region, maxAttempts: 2 };
  return {
    async account() {
      return (await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Account ?? '';
    },
    async stateBucket() {
      const client = new S3Client({ ...settings, forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL']) });
      const command = new HeadBucketCommand({ Bucket: stateBucketName(project) });
      return missing(['NotFound', 'NoSuchBucket'], async () => Boolean(await client.send(command)), false);
    },
    async trust(RoleName) {
      const ask = async () => (await new IAMClient(settings).send(new GetRoleCommand({ RoleName }))).Role;
      const role = await missing(['NoSuchEntity', 'NoSuchEntityException'], ask, undefined);
      // IAM answers documents percent-encoded.
      return role === undefined ? undefined : decodeURIComponent(role.AssumeRolePolicyDocument ?? '');
    },
    async blobMounting() {
      const answer = await new ECRClient(settings).send(new GetAccountSettingCommand({ name: 'BLOB_MOUNTING' }));
      return answer.value === 'ENABLED';
    },
    async quota(ServiceCode, QuotaCode) {
      const client = new ServiceQuotasClient(settings);
      const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
      if (Quota?.Value === undefined) throw new Error('AWS did not say');
      return Quota.Value;
    },
    async nameServers() {
      if (project.domain.endsWith('.localhost')) throw new Error('a domain of this machine');
      return missing<string[]>(['ENOTFOUND', 'ENODATA'], () => resolveNs(project.domain), []);
    },
    async ownNameServers() {
      if (project.zone !== 'own') return undefined;
      const Name = platformParameter(project.app, 'account', 'name-servers');
      const ask = async () => (await new SSMClient(settings).send(new GetParameterCommand({ Name }))).Parameter?.Value;
      return (await missing(['ParameterNotFound'], ask, undefined))?.split(',');
    },
    async secret(SecretId) {
      const client = new SecretsManagerClient(settings);
      const ask = async () => {
        const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
        return Object.values(VersionIdsToStages).flat().includes('AWSCURRENT') ? 'set' : 'empty';
      };
      return missing<SecretState>(['ResourceNotFoundException'], ask, 'missing');
    },
  };
}

function connectGitHub(project: Project, token: string): GitHubPorts {
  const { rest, paginate, request } = getOctokit(token);
  const [owner = '', repo = ''] = project.repository.split('/');
  const at = { owner, repo };
  return {
    async repository() {
      const { data } = await rest.repos.get(at);
      return { id: data.id, owner: data.owner.login, ownerId: data.owner.id, name: data.name };
    },
    async subject() {
      const { data } = await request('GET /repos/{owner}/{repo}/actions/oidc/customization/sub', at);
      const { use_default, include_claim_keys = [], ...more } = data;
      const immutable = (more as { readonly use_immutable_subject?: boolean }).use_immutable_subject === true;
      return { usesDefault: use_default, claims: include_claim_keys, immutable };
    },
    async variables(environment) {
      const list = async (): Promise<ReadonlyMap<string, string> | undefined> => {
        const found =
          environment === ''
            ? await paginate(rest.actions.listRepoVariables, { ...at, per_page: 30 })
            : await paginate(rest.actions.listEnvironmentVariables, {
                ...at,
                environment_name: environment,
                per_page: 30,
              });
        return new Map(found.map(({ name, value }) => [name, value]));
      };
      return missing([404], list, undefined);
    },
    async repositorySecrets() {
      const found = await paginate(rest.actions.listRepoSecrets, { ...at, per_page: 100 });
      return found.map(({ name }) => name);
    },
  };
}

const withoutToken = (): GitHubPorts => {
  const refuse = (): never => {
    throw new Error('set GITHUB_TOKEN to a token that may read the settings of the repository');
  };
  return {
    repository: async () => refuse(),
    subject: async () => refuse(),
    variables: async () => refuse(),
    repositorySecrets: async () => refuse(),
  };
};

/** Not being there is an answer; everything else that goes wrong is not. */
async function missing<Value>(
  names: readonly (string | number)[],
  ask: () => Promise<Value>,
  otherwise: Value,
): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    const { name, code, status } = error as { name?: string; code?: string; status?: number };
    if ([name, code, status].some((one) => one !== undefined && names.includes(one))) return otherwise;
    throw error;
  }
}
