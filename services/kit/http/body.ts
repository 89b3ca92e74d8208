import { type Answer, refuse } from './answer.ts';
import type { HttpRequest } from './request.ts';

export type ParsedBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly answer: Answer };

/** Parses a JSON body; everything that can be wrong with it gets a 4xx that says what. */
export function parseJsonBody({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>): ParsedBody {
  const no = (status: number, reason: string): ParsedBody => ({ ok: false, answer: refuse(status, reason) });

  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type && !/^application\/([\w.-]+\+)?json$/.test(type))
    return no(415, `the body is ${type}; send application/json`);
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding && encoding !== 'identity')
    return no(415, `the body is encoded with ${encoding}; send it without content-encoding`);
  if (body.length === 0) return no(400, 'the body is empty; send JSON');

  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return no(400, 'the body is not UTF-8');
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return no(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
