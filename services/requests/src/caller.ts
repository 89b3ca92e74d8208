import { createHash } from 'node:crypto';
import type { RoutedRequest } from '../../kit/http/request.ts';
import { isPart } from '../../kit/model/name.ts';
import { NOBODY } from '../../kit/predictions/request.ts';
import type { Result } from '../../kit/result.ts';
import { uuidv7 } from '../../kit/uuid.ts';

/** Set by whoever authenticates in front, and by nobody else; the same header as `inference` goes by. */
const TENANT_HEADER = 'x-slipway-tenant';
const KEY = /^[\x20-\x7e]{1,255}$/;
const ID_BYTES = 16;

export function readTenant({ headers }: RoutedRequest): Result<string> {
  const tenant = headers[TENANT_HEADER];
  if (tenant === undefined || tenant === '') return { ok: true, value: NOBODY };
  if (isPart(tenant)) return { ok: true, value: tenant };
  return { ok: false, error: `${TENANT_HEADER} has to be lower case letters, digits and hyphens` };
}

/** The same idempotency key of the same tenant is always the same request; without one each request is a new one. */
export function chooseId({ headers }: RoutedRequest, tenant: string): Result<string> {
  const key = headers['idempotency-key'];
  if (key === undefined) return { ok: true, value: uuidv7() };
  if (!KEY.test(key)) return { ok: false, error: 'idempotency-key has to be 1 to 255 printable characters' };
  const hash = createHash('sha256').update(`${tenant}\n${key}`).digest().subarray(0, ID_BYTES);
  // UUID version 8, RFC 9562 section 5.8: what is in it is our business.
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return {
    ok: true,
    value: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'),
  };
}
