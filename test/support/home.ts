import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRecord } from '../../local/cli/cloud/home.ts';
import { connect, launch, type RunningCloud } from '../../local/cli/cloud/launch.ts';
import { portsFrom } from '../../local/cli/ports.ts';
import { type Checkout, createCheckout } from './checkout.ts';
import { findLeftovers } from './leftovers.ts';

export interface CliResult {
  /** Exit code; 128 + n when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedCli {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
  /** Resolves once the output matches; rejects when the command ends before. */
  printed(pattern: RegExp): Promise<void>;
}

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** A program that runs the command, with its arguments. */
  readonly prefix?: readonly string[];
}

/** A local cloud's folder for one test file, used through the command line as a person would. */
export interface TestHome {
  readonly folder: string;
  readonly checkout: Checkout;
  start(words: readonly string[], options?: CliOptions): StartedCli;
  run(words: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Runs with `--json`; every line of standard output has to be an object. */
  json(words: readonly string[], options?: CliOptions): Promise<{ code: number; lines: readonly JsonLine[] }>;
  /** Starts the local cloud and nothing on it. */
  launch(): Promise<void>;
  /** The local cloud that serves this folder; throws when none does. */
  cloud(): RunningCloud;
  /** `down --purge`, and a check that nothing is left. */
  remove(): Promise<void>;
  /** What is still there of this folder's local cloud. */
  leftovers(): readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents whose shape is what they check
export type JsonLine = Readonly<Record<string, any>>;

/**
 * A folder for a local cloud, and a copy of the repository for it to bring up. It has a block of ports of its `own`, which stays its own while it is down; or it takes
 * the one that it has `chosen`.
 */
export function createHome({ ports: block = 'own' }: { readonly ports?: 'own' | 'chosen' } = {}): TestHome {
  const checkout = createCheckout();
  const chosen: Readonly<Record<string, string>> = block === 'own' ? { SLIPWAY_PORT: String(ownBlock()) } : {};
  const folder = mkdtempSync(join(tmpdir(), 'slipway-story-'));
  let ports: readonly number[] = [];
  const rememberPorts = (): void => {
    const record = readRecord(folder);
    if (record) ports = Object.values(portsFrom(record.base));
  };
  const home: TestHome = {
    folder,
    checkout,
    start: (words, options = {}) =>
      startCli({ folder, root: checkout.root }, words, {
        ...options,
        environment: { ...chosen, ...options.environment },
      }),
    run: (words, options) => home.start(words, options).done,
    async json(words, options) {
      const { code, stdout, stderr } = await home.run([...words, '--json'], options);
      if (stderr !== '') throw new Error(`--json wrote to standard error: ${stderr}`);
      return { code, lines: parseLines(stdout) };
    },
    async launch() {
      const launched = await launch({
        home: folder,
        root: checkout.root,
        environment: { ...cliEnvironment(folder), ...chosen },
      });
      if (launched.kind === 'refused') throw new Error(launched.message);
    },
    cloud() {
      const cloud = connect(folder);
      if (!cloud) throw new Error(`No local cloud serves ${folder}`);
      return cloud;
    },
    leftovers() {
      rememberPorts();
      return findLeftovers(folder, ports);
    },
    async remove() {
      rememberPorts();
      const { code, stderr } = await home.run(['down', '--purge']);
      const left = [...findLeftovers(folder, ports), ...(existsSync(folder) ? [`folder ${folder}`] : [])];
      rmSync(folder, { recursive: true, force: true });
      checkout.remove();
      if (code !== 0 || left.length > 0)
        throw new Error(`down --purge: exit code ${code} ${stderr}; left: ${left.join('\n')}`);
    },
  };
  return home;
}

const FIRST_BLOCK = 10_000;
const BLOCKS = 1000;

/** Far from the blocks that local clouds choose and below the ports of tasks; at random, for tests run side by side. */
const ownBlock = (): number => FIRST_BLOCK + 10 * randomInt(BLOCKS);

/** Variables of the test runner that the command line must not see. SLIPWAY_RUNTIME is let through: the scenarios hold in every mode. */
const OURS = ['NODE_ENV', 'NODE_OPTIONS', 'JEST_WORKER_ID', 'SLIPWAY_PORT'];

function cliEnvironment(folder: string): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.includes(name) && !name.startsWith('AWS_'));
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  return { ...Object.fromEntries(inherited), PATH: path, SLIPWAY_HOME: folder };
}

/**
 * What `npm run local` runs once everything is installed, in a process group of its own: `process.kill(-pid)` is what a terminal does at Ctrl-C. Not through
 * tools/setup.mjs, which may install: a test never touches node_modules.
 */
function startCli(
  { folder, root }: { readonly folder: string; readonly root: string },
  words: readonly string[],
  { environment = {}, prefix = [] }: CliOptions,
): StartedCli {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
  const [file = '', ...parameters] = [...prefix, ...node, join(root, 'local/cli/main.ts'), ...words];
  const child = spawn(file, parameters, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cliEnvironment(folder), ...environment },
  });
  const printed = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const done = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? 128 + signalNumber(signal), ...printed }));
  });
  return {
    child,
    done,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(printed.stdout)) resolve();
        };
        listeners.add(look);
        look();
        void done.then(({ code, stdout, stderr }) =>
          reject(new Error(`ended with ${code} before printing ${pattern}: ${stdout}${stderr}`)),
        );
      }),
  };
}

const signalNumber = (signal: NodeJS.Signals | null): number =>
  signal === 'SIGKILL' ? 9 : signal === 'SIGINT' ? 2 : 15;

function parseLines(text: string): JsonLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new Error(`not an object: ${line}`);
      return value as JsonLine;
    });
}

/** The end of the local cloud's own log, for the message of a test that fails. */
export function cloudLog(home: TestHome): string {
  const file = join(home.folder, 'cloud.log');
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-2000) : '';
}
