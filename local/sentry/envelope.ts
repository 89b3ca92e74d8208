/** One item of an envelope: its type (`event`, `transaction`, `session`, ...) and its payload, parsed where it is JSON. */
export interface EnvelopeItem {
  readonly type: string;
  readonly payload: unknown;
}

const LINE_FEED = 0x0a;

/**
 * Splits a Sentry envelope: a header line, then items of a header line and a payload, whose length is in the header or which ends at
 * the next line feed. Source: https://develop.sentry.dev/sdk/data-model/envelopes/. Throws on anything else.
 */
export function parseEnvelope(body: Buffer): EnvelopeItem[] {
  const items: EnvelopeItem[] = [];
  let offset = endOfLine(body, 0) + 1;
  parseHeader(body.subarray(0, offset), 'envelope');
  while (offset < body.length) {
    if (body[offset] === LINE_FEED) {
      offset += 1;
      continue;
    }
    const headerEnd = endOfLine(body, offset);
    const header = parseHeader(body.subarray(offset, headerEnd), 'item');
    const start = headerEnd + 1;
    const end = typeof header['length'] === 'number' ? start + header['length'] : endOfLine(body, start);
    if (end > body.length) throw new Error(`The envelope ends inside an item of type ${String(header['type'])}`);
    items.push({ type: String(header['type']), payload: parsePayload(body.subarray(start, end)) });
    offset = end;
  }
  return items;
}

function endOfLine(body: Buffer, from: number): number {
  const index = body.indexOf(LINE_FEED, from);
  return index === -1 ? body.length : index;
}

function parseHeader(line: Buffer, what: string): Record<string, unknown> {
  try {
    return JSON.parse(line.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new Error(`The ${what} header is not JSON: ${line.toString('utf8').slice(0, 80)}`);
  }
}

function parsePayload(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return { bytes: bytes.length };
  }
}
