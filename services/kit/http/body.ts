import { isUtf8 } from 'node:buffer';
import { type Answer, refuse } from './answer.ts';
import type { HttpRequest } from './request.ts';

export type ParsedBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly answer: Answer };

/** Parses a JSON body; everything that can be wrong with it gets a 4xx that says what. */
export function parseJsonBody({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>): ParsedBody {
  const type = headers['content-type'];
  if (type !== undefined && type !== 'application/json' && !isJsonType(type))
    return no(415, `the body is ${mediaType(type)}; send application/json`);
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding && encoding !== 'identity')
    return no(415, `the body is encoded with ${encoding}; send it without content-encoding`);
  if (body.length === 0) return no(400, 'the body is empty; send JSON');
  return parseJson(body);
}

/** Parses JSON that came as bytes. */
export function parseJson(bytes: Uint8Array): ParsedBody {
  if (!isUtf8(bytes)) return no(400, 'the body is not UTF-8');
  try {
    return { ok: true, value: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) };
  } catch (error) {
    return no(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const mediaType = (type: string): string => type.split(';')[0]?.trim().toLowerCase() ?? '';
const isJsonType = (type: string): boolean => {
  const media = mediaType(type);
  return media === '' || /^application\/([\w.-]+\+)?json$/.test(media);
};

function no(status: number, reason: string): ParsedBody {
  return { ok: false, answer: refuse(status, reason) };
}
