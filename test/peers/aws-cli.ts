import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The AWS CLI as an independent client of the stand-ins: runs `aws <parameters>` and gives its parsed JSON, or its text if that is not
 * JSON. Rejects with the CLI's own message.
 */
export type AwsCli = (...parameters: string[]) => Promise<unknown>;

/** The program to use: `SLIPWAY_AWS_CLI`, else `aws`. Throws with what to install when there is none. */
export function findAwsCli(): string {
  const program = process.env['SLIPWAY_AWS_CLI'] ?? 'aws';
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return program;
  } catch {
    throw new Error(
      `${program} does not run. Install the AWS CLI (apt-get install awscli), or name it in SLIPWAY_AWS_CLI`,
    );
  }
}

/** `folder` takes the CLI's configuration, so that the developer's own is not read. */
export function createAwsCli(program: string, endpoint: string, folder: string): AwsCli {
  const configuration = join(folder, 'aws-config');
  writeFileSync(configuration, '[default]\ns3 =\n  signature_version = s3v4\n');
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: configuration,
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
  return async (...parameters) => {
    // Releases of 2022 do not know AWS_ENDPOINT_URL.
    const { stdout } = await run(program, ['--endpoint-url', endpoint, '--output', 'json', ...parameters], { env });
    try {
      return JSON.parse(stdout);
    } catch {
      return stdout.trim();
    }
  };
}
