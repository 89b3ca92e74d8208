import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cloud } from '../../cloud.ts';
import { answer, answerError } from './answers.ts';
import { requestHeaders } from './forwarded-headers.ts';
import type { TargetGroupRecord } from './records.ts';

/** Largest request and response of a Lambda target. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
const LIMIT = 1024 * 1024;

type Headers = Readonly<Record<string, readonly string[]>>;

/** What a function returns to an ALB. */
interface FunctionAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export interface LambdaExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly group: TargetGroupRecord;
  readonly functionArn: string;
  readonly port: number;
}

/** Invokes a function with a request as an ALB does, and answers with what it returns. */
export async function forwardToFunction(cloud: Cloud, exchange: LambdaExchange): Promise<void> {
  const { request, response, group, functionArn } = exchange;
  const body = await readBody(request);
  if (body === 'too large') return answerError(response, 413);
  const multiple = group.attributes['lambda.multi_value_headers.enabled'] === 'true';
  const event = toEvent(exchange, { body, multiple });
  try {
    const result = await cloud.invoke<{ FunctionError?: string; Payload?: Uint8Array }>('lambda', 'Invoke', {
      FunctionName: functionArn,
      Payload: Buffer.from(JSON.stringify(event)),
    });
    const returned = result.FunctionError ? undefined : parseAnswer(result.Payload);
    if (returned) reply(response, returned, multiple);
    else answerError(response, 502);
  } catch (error) {
    cloud.log({ source: 'elbv2', message: `invoking ${functionArn} failed: ${String(error)}` });
    answerError(response, error instanceof Error && error.name === 'TooManyRequestsException' ? 503 : 502);
  }
}

/** What is too large is read to its end and dropped: a client that is still sending would not read the answer, nor could its connection be used again. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= LIMIT) chunks.push(chunk as Buffer);
  }
  return size > LIMIT ? 'too large' : Buffer.concat(chunks);
}

/** The event of an ALB: names in lower case, query parameters not decoded, the body as text where its type says text. */
export function toEvent(
  { request, group, port }: Pick<LambdaExchange, 'request' | 'group' | 'port'>,
  { body, multiple }: { body: Buffer; multiple: boolean },
): object {
  const headers = grouped(pairs(requestHeaders(request, { port })).map(([name, value]) => [name.toLowerCase(), value]));
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const parameters = grouped(
    query
      .split('&')
      .filter(Boolean)
      .map((part) => part.split(/=(.*)/s) as [string, string?]),
  );
  const text = isText(request);
  return {
    requestContext: { elb: { targetGroupArn: group.arn } },
    httpMethod: request.method,
    path,
    ...(multiple
      ? { multiValueQueryStringParameters: parameters, multiValueHeaders: headers }
      : { queryStringParameters: lastOnly(parameters), headers: lastOnly(headers) }),
    body: body.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: !text && body.length > 0,
  };
}

const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/i;
const isText = ({ headers }: IncomingMessage): boolean =>
  !headers['content-encoding'] && TEXT.test(headers['content-type'] ?? 'text/plain');

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index < flat.length; index += 2) list.push([flat[index] ?? '', flat[index + 1] ?? '']);
  return list;
}

function grouped(list: readonly (readonly [string, string?])[]): Headers {
  const groups: Record<string, string[]> = {};
  for (const [name, value = ''] of list) groups[name] = [...(groups[name] ?? []), value];
  return groups;
}

const lastOnly = (groups: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, all]) => [name, all.at(-1) ?? '']));

function parseAnswer(payload: Uint8Array | undefined): FunctionAnswer | undefined {
  if (!payload || payload.length > LIMIT) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload).toString());
    if (typeof parsed !== 'object' || parsed === null || !('statusCode' in parsed)) return undefined;
    const status = parsed.statusCode;
    return Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599
      ? (parsed as FunctionAnswer)
      : undefined;
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, returned: FunctionAnswer, multiple: boolean): void {
  const headers = multiple ? returned.multiValueHeaders : returned.headers;
  const kept = Object.entries(headers ?? {}).filter(
    ([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name),
  );
  const body = Buffer.from(returned.body ?? '', returned.isBase64Encoded ? 'base64' : 'utf8');
  try {
    answer(response, returned.statusCode, { server: 'awselb/2.0', ...Object.fromEntries(kept) }, body);
  } catch {
    answerError(response, 502);
  }
}
