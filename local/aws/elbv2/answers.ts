import type { ServerResponse } from 'node:http';
import type { FixedResponseActionConfig, RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RequestFacts } from './routing.ts';

const TITLES = {
  400: 'Bad Request',
  413: 'Payload Too Large',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
} as const;

/** The page that an ALB itself answers with. Does nothing more than cut the connection when an answer has already begun. */
export function answerError(response: ServerResponse, status: keyof typeof TITLES): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const title = `${status} ${TITLES[status]}`;
  const page = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  answer(response, status, { server: 'awselb/2.0', 'content-type': 'text/html' }, page);
}

export function answerFixed(response: ServerResponse, config: FixedResponseActionConfig): void {
  const type = config.ContentType ?? 'text/plain';
  answer(response, Number(config.StatusCode), { server: 'awselb/2.0', 'content-type': type }, config.MessageBody ?? '');
}

/** A redirect, with `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` filled in from the request. */
export function answerRedirect(
  response: ServerResponse,
  config: RedirectActionConfig,
  facts: RequestFacts & { readonly protocol: string; readonly port: number },
): void {
  const known: Readonly<Record<string, string>> = {
    protocol: facts.protocol,
    host: facts.host,
    port: String(facts.port),
    path: facts.path.slice(1),
    query: facts.query,
  };
  const fill = (text: string): string => text.replace(/#\{(\w+)\}/g, (_, name: string) => known[name] ?? '');
  const protocol = fill(config.Protocol ?? '#{protocol}').toLowerCase();
  const port = fill(config.Port ?? '#{port}');
  const query = fill(config.Query ?? '#{query}');
  const host = fill(config.Host ?? '#{host}');
  const location = `${protocol}://${host}:${port}${fill(config.Path ?? '/#{path}')}${query ? `?${query}` : ''}`;
  answer(response, config.StatusCode === 'HTTP_301' ? 301 : 302, { server: 'awselb/2.0', location }, '');
}

export function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: string | Uint8Array,
): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) } as Record<
    string,
    string
  >);
  response.end(body);
}
