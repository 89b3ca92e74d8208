/** What a POST asks for: which model, and the rows or the wish to upload them. */
import { createHash } from 'node:crypto';
import { type Answer, refuse } from '../../kit/http/answer.ts';
import { parseJsonBody } from '../../kit/http/body.ts';
import type { RoutedRequest } from '../../kit/http/request.ts';
import { isRecord } from '../../kit/result.ts';
import { FORMATS, type Format, formatOfContentType, isFormat } from '../../kit/transform/format.ts';

export interface Submission {
  readonly model: string;
  readonly version?: string;
  readonly format: Format;
  /** The rows; absent when they come as an upload. */
  readonly body?: Uint8Array;
  readonly fingerprint: string;
}

export type ReadSubmission =
  | { readonly ok: true; readonly value: Submission }
  | { readonly ok: false; readonly answer: Answer };

/** A body of rows says in its content type what it is and in the address for which model; JSON says everything itself. */
export function readSubmission(request: RoutedRequest): ReadSubmission {
  const body = request.body as Uint8Array;
  const type = request.headers['content-type'] ?? '';
  const format = formatOfContentType(type);
  if (format === undefined) return readJson(request, body);
  if (body.length === 0) return no('the body is empty; send rows, or ask with JSON for an upload');
  return complete({
    model: request.query.get('model'),
    version: request.query.get('version') ?? undefined,
    format,
    body,
  });
}

function readJson({ headers }: RoutedRequest, body: Uint8Array): ReadSubmission {
  const parsed = parseJsonBody({ headers, body });
  if (!parsed.ok) return parsed;
  const json = parsed.value;
  if (!isRecord(json)) return no('the body has to be an object');
  const { model, version, rows, upload, format } = json;
  if (rows !== undefined && upload !== undefined) return no('send either `rows` or `upload`, not both');
  if (rows !== undefined) {
    if (!Array.isArray(rows) || rows.length === 0) return no('`rows` has to be a list with at least one row');
    const lines = rows.map((row) => JSON.stringify(row)).join('\n');
    return complete({ model, version, format: 'jsonl', body: Buffer.from(`${lines}\n`) });
  }
  if (upload !== true) return no('`rows` has to be a list, or `upload` true for an address to send a file to');
  if (!isFormat(format)) return no(`\`format\` of the upload has to be one of ${FORMATS.join(', ')}`);
  return complete({ model, version, format });
}

interface Given {
  readonly model: unknown;
  readonly version: unknown;
  readonly format: Format;
  readonly body?: Uint8Array;
}

function complete({ model, version, format, body }: Given): ReadSubmission {
  if (typeof model !== 'string' || model === '') return no('`model` has to be the name of a model');
  if (version !== undefined && (typeof version !== 'string' || !/^[1-9]\d{0,8}$/.test(version)))
    return no('`version` has to be a whole number from 1 up, as a string');
  const hash = createHash('sha256').update(JSON.stringify([model, version, format]));
  if (body) hash.update(body);
  const value = {
    model,
    format,
    fingerprint: hash.digest('hex'),
    ...(version !== undefined && { version }),
    ...(body && { body }),
  };
  return { ok: true, value };
}

const no = (error: string): ReadSubmission => ({ ok: false, answer: refuse(400, error) });
