import { type IncomingMessage, request as openRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { requestHeaders } from './forwarded-headers.ts';
import type { Target } from './target.ts';

/** Passes a protocol upgrade (WebSocket) through to a target and joins the two connections. */
export function forwardUpgrade(
  client: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  target: Target,
  port: number,
): void {
  const { request, socket, head } = client;
  const release = target.hold();
  const upstream = openRequest({
    agent: false,
    host: target.id,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, { port, upgrade: true }),
    setHost: false,
  });
  socket.once('close', () => {
    release();
    upstream.destroy();
  });
  socket.on('error', () => socket.destroy());
  upstream.once('upgrade', (response, other, otherHead) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(response)}\r\n\r\n`);
    other.write(head);
    socket.write(otherHead);
    other.on('error', () => socket.destroy());
    other.once('close', () => socket.destroy());
    socket.once('close', () => other.destroy());
    other.pipe(socket).pipe(other);
  });
  upstream.once('response', (response) => {
    socket.end(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\nconnection: close\r\n\r\n`);
    response.resume();
  });
  upstream.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n'));
  upstream.end();
}

function headerLines({ rawHeaders }: IncomingMessage): string {
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return lines.join('\r\n');
}
