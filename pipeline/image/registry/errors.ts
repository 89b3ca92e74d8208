export interface RegistryErrorDetails {
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** Code of an answer that the protocol does not allow: asking again would not help. */
export const PROTOCOL = 'PROTOCOL';

/** A registry answered with something else than what was asked for, or not at all. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Error code of the distribution specification (`MANIFEST_UNKNOWN`), when the registry gave one. */
  readonly code: string;
  /** The registry asked to be left alone for so long. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(message: string, details: { status?: number; code?: string; retryAfter?: number; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.status = details.status ?? 0;
    this.code = details.code ?? '';
    this.retryAfterMilliseconds = details.retryAfter;
  }

  /** Whether the same request may succeed later. */
  get transient(): boolean {
    return this.code !== PROTOCOL && (this.status === 0 || TRANSIENT_STATUS.includes(this.status));
  }
}

const TRANSIENT_STATUS: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Bytes that are not what their digest says: never retried, never used. */
export class DigestError extends Error {
  override readonly name = 'DigestError';
}

export const isTransient = (error: unknown): boolean => error instanceof RegistryError && error.transient;
