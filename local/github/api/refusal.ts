/** An answer of the API that is no success, with GitHub's message. */
export class Refusal extends Error {
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(status: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');
