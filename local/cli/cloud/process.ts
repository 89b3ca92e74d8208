/**
 * The local cloud's process: `node local/cli/cloud/process.ts HOME`, started by launch.ts. It ends on SIGTERM, or when nobody has
 * used it for hours.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeMode } from '../../runtime/runtime.ts';
import { portsFrom } from '../ports.ts';
import { compose, type LocalCloud } from './compose.ts';
import { startControl } from './control.ts';
import { readRecord, writeRecord } from './home.ts';
import { createMethods } from './methods.ts';
import { settleInterrupted } from './recovery.ts';

const IDLE_LIMIT = 4 * 60 * 60_000;
const IDLE_CHECK = 60_000;

const root = join(import.meta.dirname, '../../..');
const home = process.argv[2] ?? '';
const record = readRecord(home);
if (!record) throw new Error(`${home} holds no local cloud`);
const { base, token } = record;
const ports = portsFrom(base);

const log = (event: object): void =>
  appendFileSync(join(home, 'cloud.jsonl'), `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);

let composing: Promise<LocalCloud> | undefined;
let ending: Promise<void> | undefined;

/** Ends once, whoever asks how often. */
function end(): Promise<void> {
  ending ??= (async () => {
    await control?.close();
    await closeLocal();
    writeRecord(home, { base, token });
    process.exit(0);
  })();
  return ending;
}

/** Ends what has started, also when it is still starting. */
async function closeLocal(): Promise<void> {
  const local = await composing?.catch(() => undefined);
  await local?.close();
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
process.on('uncaughtException', (error) => {
  console.error(error);
  log({ source: 'cloud', message: 'uncaught exception', error: error.stack });
});
process.on('unhandledRejection', (reason) => {
  console.error(reason);
  log({
    source: 'cloud',
    message: 'unhandled rejection',
    error: reason instanceof Error ? reason.stack : String(reason),
  });
});

const mode = (process.env['SLIPWAY_RUNTIME'] || 'auto') as 'auto' | RuntimeMode;
let control: Awaited<ReturnType<typeof startControl>> | undefined;
try {
  composing = compose({ root, home, ports, runtimeMode: mode, log });
  await serve(await composing);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await closeLocal();
  process.exit(1);
}

async function serve(local: LocalCloud): Promise<void> {
  if (ending) return;
  // Pipeline code that runs in this process finds the local cloud as any AWS SDK does.
  Object.assign(process.env, local.environment, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  let used = Date.now();
  setInterval(() => Date.now() - used > IDLE_LIMIT && void end(), IDLE_CHECK).unref();
  const recovered = settleInterrupted({ local, ports });
  // Whoever waits for it is told; the local cloud itself goes on.
  recovered.catch((error: unknown) => log({ source: 'cloud', message: 'recovery failed', error: String(error) }));
  control = await startControl({
    port: ports.control,
    token,
    methods: createMethods({ local, root, ports, recovered }),
    onCall: () => {
      used = Date.now();
    },
  });
}
