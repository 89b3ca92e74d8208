import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { choosePorts, type Ports, portsFrom } from '../ports.ts';
import { type CloudClient, createClient } from './client.ts';
import { stopCloud } from './halt.ts';
import { isServing, processStartTime, readRecord, writeRecord } from './home.ts';
import { withStartLock } from './start-lock.ts';

export interface RunningCloud {
  readonly client: CloudClient;
  readonly ports: Ports;
  readonly pid: number;
  /** True when this call started it, false when it was already there. */
  readonly started: boolean;
}

export type LaunchResult =
  | { readonly kind: 'running'; readonly cloud: RunningCloud }
  | { readonly kind: 'refused'; readonly message: string };

const START_TIMEOUT = 60_000;
const POLL = 25;
const ATTEMPTS = 5;

/** The local cloud that serves this folder, if one does. */
export function connect(home: string): RunningCloud | undefined {
  const record = readRecord(home);
  if (!isServing(record)) return undefined;
  const ports = portsFrom(record.base);
  const client = createClient({ port: ports.control, token: record.token });
  return { client, ports, pid: record.process.pid, started: false };
}

/**
 * Starts the local cloud as a process of its own session, so that Ctrl-C at the command line reaches it only through the command. Waits until
 * it serves; a cloud that ends first is explained with the end of its log.
 */
export function launch(options: LaunchOptions): Promise<LaunchResult> {
  return withStartLock(options.home, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const result = await launchOnce(options);
      if (result.kind !== 'port taken') return result;
      if (attempt === ATTEMPTS) return { kind: 'refused', message: result.message };
    }
  });
}

interface LaunchOptions {
  readonly home: string;
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted = whoever waits is sent away; the local cloud that is starting is theirs to stop. */
  readonly signal?: AbortSignal;
}

/** `port taken`: another local cloud that started at the same moment took the block; the next attempt chooses another. */
type Attempt = LaunchResult | { readonly kind: 'port taken'; readonly message: string };

async function launchOnce({ home, root, environment, signal }: LaunchOptions): Promise<Attempt> {
  const present = connect(home);
  if (present) return { kind: 'running', cloud: present };
  const previous = readRecord(home);
  const choice = await choosePorts({
    ...(environment['SLIPWAY_PORT'] ? { wanted: environment['SLIPWAY_PORT'] } : {}),
    ...(previous ? { previous: previous.base } : {}),
  });
  if (choice.kind === 'refused') return choice;
  const token = previous?.token ?? randomBytes(24).toString('hex');
  writeRecord(home, { base: choice.base, token });
  const log = openSync(join(home, 'cloud.log'), 'a', 0o600);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'local/cli/cloud/process.ts'), home],
    {
      cwd: root,
      detached: true,
      stdio: ['ignore', log, log],
      env: environment,
    },
  );
  closeSync(log);
  child.unref();
  const pid = child.pid ?? 0;
  writeRecord(home, { base: choice.base, token, process: { pid, startTime: processStartTime(pid) ?? '' } });
  const ports = portsFrom(choice.base);
  const client = createClient({ port: ports.control, token });
  if (await answers(client, { child, signal }))
    return { kind: 'running', cloud: { client, ports, pid, started: true } };
  await stopCloud(home);
  const refusal = ended(home);
  const free = !previous && !environment['SLIPWAY_PORT'];
  if (free && refusal.message.includes('EADDRINUSE')) {
    rmSync(join(home, 'cloud.json'));
    return { kind: 'port taken', message: refusal.message };
  }
  return refusal;
}

async function answers(
  client: CloudClient,
  { child, signal }: { child: ChildProcess; signal: AbortSignal | undefined },
): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    if (signal?.aborted) return true;
    if ((await client.call('ping')).ok) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return false;
}

function ended(home: string): { kind: 'refused'; message: string } {
  const lines = readFileSync(join(home, 'cloud.log'), 'utf8').trimEnd().split('\n').slice(-8);
  return {
    kind: 'refused',
    message: `The local cloud did not start. The end of ${join(home, 'cloud.log')}:\n${lines.join('\n')}`,
  };
}
