import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Answer, type Client, Refusal, type Service } from './client.ts';

const run = promisify(execFile);

/** The AWS CLI, which brings its own description of every API and its own protocols. */
export function createCliClient({
  program,
  endpoint,
  folder,
}: {
  readonly program: string;
  readonly endpoint: string;
  readonly folder: string;
}): Client {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    AWS_MAX_ATTEMPTS: '1',
  };
  async function aws(words: readonly string[]): Promise<Answer> {
    const all = ['--endpoint-url', endpoint, '--output', 'json', '--no-paginate', ...words];
    try {
      const { stdout } = await run(program, all, { env: environment, maxBuffer: 16 << 20 });
      return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Answer);
    } catch (error) {
      const text = String((error as { stderr?: string }).stderr ?? error);
      // "An error occurred (ParameterNotFound) when calling the GetParameter operation: ..."
      const [, code, message = ''] = /An error occurred \((\w+)\) when calling .*?: ?(.*)/s.exec(text) ?? [];
      throw code === undefined ? new Error(text) : new Refusal(code, message.trim());
    }
  }
  return {
    call: (service, operation, input = {}) =>
      aws([commandOf(service), kebab(operation), '--cli-input-json', JSON.stringify(input)]),
    async putObject(bucket, key, text) {
      const file = join(folder, 'upload');
      writeFileSync(file, text);
      await aws(['s3api', 'put-object', '--bucket', bucket, '--key', key, '--body', file]);
    },
    async getObject(bucket, key) {
      const file = join(folder, 'download');
      await aws(['s3api', 'get-object', '--bucket', bucket, '--key', key, file]);
      return readFileSync(file, 'utf8');
    },
  };
}

const commandOf = (service: Service): string => (service === 's3' ? 's3api' : service);
/** `ListObjectsV2` -> `list-objects-v2` */
const kebab = (operation: string): string =>
  operation
    .replace(/V2$/, '-v2')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();
