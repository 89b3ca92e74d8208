import { request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request to the front door for an environment's host; connection errors come back as status 0. */
export function ask(options: { port: number; host: string; path: string; body?: unknown }): Promise<Answer> {
  const { port, host, path, body } = options;
  return new Promise((resolve) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host,
      connection: 'close',
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const method = text === undefined ? 'GET' : 'POST';
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, timeout: 10_000 });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')));
    outgoing.on('error', (error) => resolve({ status: 0, text: error.message }));
    outgoing.on('response', (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: received }));
      response.on('error', (error) => resolve({ status: 0, text: error.message }));
    });
    outgoing.end(text);
  });
}
