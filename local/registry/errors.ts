/**
 * An error as the distribution specification names it
 * (https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes).
 */
export class DistributionError extends Error {
  override readonly name = 'DistributionError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
