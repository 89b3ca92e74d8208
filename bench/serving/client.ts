/** Load without a library: prepared bytes over kept connections, so that the client costs less than what it measures. */
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  /** Whole requests; connections go through them in turn. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  readonly milliseconds: number;
  /** Milliseconds from one request of a connection to its next; absent: as soon as the answer is there. */
  readonly every?: number;
}

export interface Measured {
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

export function toRequest(path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = Object.entries({
    'content-type': 'application/json',
    ...headers,
    'content-length': String(body.length),
  });
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** @throws when an answer is not 200 */
export async function measure({ port, requests, connections, milliseconds, every }: Load): Promise<Measured> {
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + milliseconds;
  let next = 0;
  const send = (): Buffer => requests[next++ % requests.length] as Buffer;
  await Promise.all(Array.from({ length: connections }, () => useConnection({ port, send, end, latencies, every })));
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((one, other) => one - other);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { rate: latencies.length / seconds, p50: at(0.5), p99: at(0.99), count: latencies.length };
}

interface Connection {
  readonly port: number;
  readonly send: () => Buffer;
  readonly end: number;
  readonly latencies: number[];
  readonly every: number | undefined;
}

function useConnection({ port, send, end, latencies, every }: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let sent = 0;
    let got: Buffer = Buffer.alloc(0);
    const ask = (): void => {
      sent = performance.now();
      socket.write(send());
    };
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
      const size = responseSize(got);
      if (size === undefined || got.length < size) return;
      const now = performance.now();
      latencies.push(now - sent);
      if (got[9] !== 50) return void reject(new Error(got.toString('utf8', 0, 400)));
      got = got.subarray(size);
      if (now < end) return every === undefined ? ask() : void setTimeout(ask, Math.max(0, sent + every - now));
      socket.destroy();
      resolve();
    });
  });
}

/** Head and body; undefined while the head is not complete. */
function responseSize(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const text = bytes.toString('latin1', 0, head);
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return head + 4 + Number(length ?? 0);
}
