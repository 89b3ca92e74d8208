import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type Project, previewPasswordParameter } from '../../manifest/names.ts';

/** The password of previews; undefined where they ask for none. */
export async function readPassword({ app, region }: Project): Promise<string | undefined> {
  try {
    const { Parameter } = await new SSMClient({ region }).send(
      new GetParameterCommand({ Name: previewPasswordParameter(app), WithDecryption: true }),
    );
    return Parameter?.Value;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}
