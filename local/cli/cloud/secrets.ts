import type { AwsService } from '../../aws/kit/service.ts';
import type { Cloud } from '../../cloud.ts';

/**
 * On AWS a person gives a secret its value after Terraform has created it. Here nobody would, so the local cloud does: the Sentry DSN points at the local Sentry.
 */
export function fillSecrets(service: AwsService, cloud: Cloud): AwsService {
  const create = service.operations['CreateSecret'];
  const put = service.operations['PutSecretValue'];
  if (!create || !put) throw new Error('Secrets Manager lacks the operations to fill secrets with');
  return {
    ...service,
    operations: {
      ...service.operations,
      async CreateSecret(input: { Name?: string; SecretString?: string }) {
        const created = await create(input);
        const value = localValue(input.Name ?? '', cloud);
        if (value !== undefined && input.SecretString === undefined)
          await put({ SecretId: input.Name, SecretString: value });
        return created;
      },
    },
  };
}

function localValue(name: string, cloud: Cloud): string | undefined {
  if (!name.endsWith('/sentry-dsn')) return undefined;
  return `${cloud.endpoints.sentry.replace('http://', 'http://local@')}/1`;
}
