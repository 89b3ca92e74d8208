import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A page in headless Chromium, driven over the DevTools protocol. */
export interface Page {
  /** Evaluates an expression in the page (promises are awaited) and returns its JSON value. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Waits until an expression is true in the page. */
  until(expression: string): Promise<void>;
  close(): Promise<void>;
}

const QUIET = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];
const TIMEOUT = 20_000;

/** Opens a page. Needs the Debian package chromium. */
export async function openPage(url: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'slipway-chromium-'));
  const browser = spawn(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      ...QUIET,
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      url,
    ],
    {
      stdio: 'ignore',
    },
  );
  const gone = new Promise<void>((resolve) => browser.on('exit', () => resolve()));
  const socket = await connect(profile);
  let next = 0;
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const page: Page = {
    async evaluate<Value>(expression: string): Promise<Value> {
      next += 1;
      const id = next;
      const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
      const params = { expression, awaitPromise: true, returnByValue: true };
      socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
      const { result, error } = await answered;
      if (error || result?.exceptionDetails)
        throw new Error(`${expression}: ${JSON.stringify(error ?? result?.exceptionDetails)}`);
      return result?.result.value as Value;
    },
    async until(expression) {
      const deadline = Date.now() + TIMEOUT;
      while (!(await page.evaluate<boolean>(expression))) {
        if (Date.now() > deadline) throw new Error(`waited in vain for ${expression}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async close() {
      socket.close();
      browser.kill('SIGTERM');
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return page;
}

interface Answer {
  readonly id: number;
  readonly error?: unknown;
  readonly result?: { readonly result: { readonly value?: unknown }; readonly exceptionDetails?: unknown };
}

/** Chromium writes the port that it chose into its profile. */
async function connect(profile: string): Promise<WebSocket> {
  const deadline = Date.now() + TIMEOUT;
  for (;;) {
    try {
      const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
        type: string;
        webSocketDebuggerUrl: string;
      }[];
      const address = targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl;
      if (address) return await opened(new WebSocket(address));
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error('Chromium did not start; install the Debian package chromium', { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function opened(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () => reject(new Error('The DevTools socket did not open')));
  });
}
