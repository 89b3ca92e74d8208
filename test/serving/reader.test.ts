import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startTestCloud, type TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createS3Service } from '../../local/aws/s3/service.ts';
import { createFiles } from '../../services/kit/aws/files.ts';
import type { Format } from '../../services/kit/transform/format.ts';
import { type ReadPieces, readPieces } from '../../services/kit/transform/read.ts';
import { createReader } from '../../services/kit/transform/reader.ts';
import { Unreadable } from '../../services/kit/transform/split.ts';
import { sumModel } from '../../services/kit/transform/test-models.ts';

const { description } = sumModel({ name: 'sum' });
const ROWS = 300_000;

describe('the thread that reads', () => {
  let aws: TestCloud;
  let read: ReadPieces;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-reader-'));
  beforeAll(async () => {
    aws = await startTestCloud((cloud) => [createS3Service(cloud)]);
    const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: aws.client.region };
    const environment = { ...credentials, AWS_ENDPOINT_URL: aws.client.endpoint };
    Object.assign(process.env, environment);
    const s3 = new S3Client({ ...aws.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
    const lines = Array.from({ length: ROWS }, (_, row) => (row % 1000 === 7 ? '1,x,3' : `${row},${row % 7},0.5`));
    const floats = Float32Array.from({ length: 3 * ROWS }, (_, at) => at);
    for (const [Key, Body] of [
      ['csv', `${lines.join('\n')}\n`],
      ['float32', new Uint8Array(floats.buffer)],
      ['jsonl', `[1,2,3]\n${' '.repeat(5 * 2 ** 20)}`],
    ] as const)
      await s3.send(new PutObjectCommand({ Bucket: 'files', Key, Body }));
    const program = join(folder, 'program.ts');
    const source = join(import.meta.dirname, '../../services/kit/transform/reader.ts');
    // A thread has the environment of its process, which is not that of a test.
    const settings = `Object.assign(process.env, ${JSON.stringify(environment)});`;
    writeFileSync(program, `import { serveReader } from ${JSON.stringify(source)};\n${settings}\nserveReader();\n`);
    read = createReader(program, '', { files: 'files' });
  });
  afterAll(async () => {
    await aws.remove();
    rmSync(folder, { recursive: true });
  });

  const request = async (format: Format, rowsPerRun = 256) => {
    const { tag = '', bytes = 0 } = (await createFiles('files').describe(format)) ?? {};
    return { key: format, tag, bytes, start: 0, format, description, rowsPerRun };
  };

  test.each(['csv', 'float32'] as const)('hands on the pieces of %s as they are, two files at once', async (format) => {
    const asked = await request(format);
    const collect = async (pieces: AsyncIterable<unknown>) => {
      let rows = 0;
      const seen: string[] = [];
      for await (const piece of pieces as ReturnType<ReadPieces>) {
        const content =
          piece.kind === 'numbers' ? Buffer.from(new Float32Array(piece.numbers).buffer) : Buffer.from(piece.content);
        rows += piece.kind === 'numbers' ? piece.rows : 0;
        seen.push(`${piece.kind} ${piece.end} ${content.toString('base64url')}`);
      }
      return { rows, seen };
    };
    const [here, ...there] = await Promise.all([
      collect(readPieces(createFiles('files'), asked)),
      collect(read(asked)),
      collect(read(asked)),
    ]);
    expect(here?.rows).toBeGreaterThan(ROWS / 2);
    for (const other of there) expect(other).toEqual(here);
  });

  test('says what is wrong with a file, and goes on with the next one', async () => {
    const run = async (asked: Awaited<ReturnType<typeof request>>) => {
      for await (const _ of read(asked));
    };
    await expect(run(await request('jsonl'))).rejects.toThrow(Unreadable);
    await expect(run({ ...(await request('csv')), tag: '"other"' })).rejects.toThrow('the file was changed or removed');
    await expect(run({ ...(await request('csv')), bytes: 10 ** 8 })).rejects.toThrow(/bytes came|InvalidRange|Range/);
    await run(await request('float32'));
  });

  test('reads no further than a little ahead, and stops when nobody wants more', async () => {
    const pieces = read(await request('float32', 64))[Symbol.asyncIterator]();
    expect((await pieces.next()).value).toMatchObject({ kind: 'numbers', rows: 64 });
    await pieces.return?.();
    for await (const piece of read(await request('csv'))) {
      expect(piece.end).toBeGreaterThan(0);
      break;
    }
  });
});
