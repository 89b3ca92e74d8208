import { spawn } from 'node:child_process';
import { join } from 'node:path';

const services = join(import.meta.dirname, '..');

/** Runs a service's entry as Node runs it, until it ends; `onLine` sees each line of its log. */
function runService(
  service: string,
  environment: Record<string, string>,
  onLine: (line: Record<string, unknown>, kill: () => void) => void = () => {},
): Promise<{ code: number | null; lines: Record<string, unknown>[] }> {
  const child = spawn(process.execPath, [join(services, service, 'main.ts')], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', AWS_REGION: 'us-east-1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = JSON.parse(part) as Record<string, unknown>;
      lines.push(line);
      onLine(line, () => child.kill('SIGTERM'));
    }
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, lines })));
}

test('a web service listens, and SIGTERM ends it with 0', async () => {
  const { code, lines } = await runService(
    'web',
    { TABLE_FEEDBACK: 'feedback', SLIPWAY_RELEASE: 'abc' },
    (line, kill) => {
      if (line['message'] === 'listening') kill();
    },
  );
  expect(code).toBe(0);
  expect(lines.map(({ message }) => message)).toEqual(['listening', 'stopping', 'stopped']);
  expect(lines[0]).toMatchObject({ service: 'web', release: 'abc', port: expect.any(Number) });
});

test('a service without its environment says everything that is missing and ends with 1', async () => {
  const { code, lines } = await runService('batch', {});
  expect(code).toBe(1);
  expect(lines[0]).toMatchObject({
    level: 'error',
    error: {
      name: 'ConfigurationError',
      message: 'the environment is not complete: BUCKET_BATCHES is not set; BUCKET_MODELS is not set',
    },
  });
});
