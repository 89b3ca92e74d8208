import { type ECRClient, GetAccountSettingCommand, PutAccountSettingCommand } from '@aws-sdk/client-ecr';

const SETTING = { name: 'BLOB_MOUNTING', value: 'ENABLED' } as const;

/**
 * Lets builds mount a layer that another repository of the account's registry holds, instead of sending it again; ECR refuses that
 * unless it is switched on (https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html), and builds upload then. The
 * Terraform provider that the stacks are pinned to does not know the setting yet. Resolves to whether it had to be changed. Throws
 * what the AWS SDK throws.
 */
export async function enableBlobMounting(client: Pick<ECRClient, 'send'>): Promise<boolean> {
  const { value } = await client.send(new GetAccountSettingCommand({ name: SETTING.name }));
  if (value === SETTING.value) return false;
  await client.send(new PutAccountSettingCommand(SETTING));
  return true;
}
