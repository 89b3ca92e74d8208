import { type IncomingHttpHeaders, request } from 'node:http';
import { localProject } from '../../local/cli/cloud/project.ts';
import { hostName } from '../../pipeline/manifest/names.ts';
import type { TestHome } from './home.ts';

export interface SentRequest {
  readonly environment: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** Sends one request through the front door, as a browser would that resolved the environment's name. */
export function send(home: TestHome, sent: SentRequest): Promise<Reply> {
  const { environment, path, body, headers = {} } = sent;
  const { ports } = home.cloud();
  const host = hostName(localProject(ports), environment);
  const method = sent.method ?? (body === undefined ? 'GET' : 'POST');
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: ports.web, method, path, headers: { ...headers, host } });
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
