import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AwsRequest } from '../kit/request.ts';
import { AwsError } from '../kit/service.ts';

export interface PresignedCheck {
  readonly request: AwsRequest;
  /** Milliseconds since the epoch. */
  readonly now: number;
  secretOf(accessKeyId: string): string | undefined;
}

const LONGEST_LIFETIME = 7 * 24 * 60 * 60;

/**
 * Verifies signature and expiry of a presigned URL; other requests pass.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function checkPresigned({ request, now, secretOf }: PresignedCheck): void {
  const { query } = request;
  if (!query.has('X-Amz-Signature')) return;
  const parameter = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  const [accessKeyId = '', ...scope] = parameter('Credential').split('/');
  const secret = secretOf(accessKeyId);
  if (secret === undefined) {
    throw denied('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  }
  checkExpiry(parameter('Date'), parameter('Expires'), now);
  const text = ['AWS4-HMAC-SHA256', parameter('Date'), scope.join('/'), sha256(canonicalRequest(request))].join('\n');
  const key = scope.reduce<Buffer | string>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  if (!isEqual(hmac(key, text).toString('hex'), parameter('Signature'))) {
    throw denied(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
}

function checkExpiry(date: string, expires: string, now: number): void {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const lifetime = Number(expires);
  if (Number.isNaN(signed) || expires === '' || !(lifetime >= 1 && lifetime <= LONGEST_LIFETIME)) {
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Date and X-Amz-Expires (1 to 604800) are required.');
  }
  if (now > signed + lifetime * 1000) throw denied('AccessDenied', 'Request has expired');
}

function canonicalRequest({ method, path, query, headers }: AwsRequest): string {
  const signed = query.get('X-Amz-SignedHeaders') ?? '';
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const lines = signed.split(';').map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`);
  const payload = query.get('X-Amz-Content-Sha256') ?? headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const canonicalPath = path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/');
  return [method, canonicalPath, parameters.join('&'), lines.join(''), signed, payload].join('\n');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function denied(name: string, message: string): AwsError {
  return new AwsError(name, message, { status: 403 });
}
