import { AwsError } from '../../aws/kit/service.ts';

/** A way to an attribute: names of attributes, keys of maps and indices of lists. */
export type Path = readonly (string | number)[];

/** What Terraform prints in its box: with a path, it shows the line of configuration. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly summary: string;
  readonly detail: string;
  readonly attribute?: AttributePath;
}

export interface AttributePath {
  readonly steps: readonly ({ readonly attribute_name: string } | { readonly element_key_int: number })[];
}

/** A failure that a person can act on, as a provider raises it. Everything else that is thrown is a bug of the provider. */
export class ProviderError extends Error {
  readonly detail: string;
  readonly path: Path;

  constructor(summary: string, detail: string, path: Path = []) {
    super(summary);
    this.name = 'ProviderError';
    this.detail = detail;
    this.path = path;
  }
}

export function problem(summary: string, detail: string, path: Path = []): Diagnostic {
  const attribute = path.length > 0 ? { attribute: attributePath(path) } : {};
  return { severity: 'ERROR', summary, detail, ...attribute };
}

/** The diagnostic for anything thrown while `action` (`creating aws_lb`) was under way. */
export function diagnosticOf(error: unknown, action: string): Diagnostic {
  if (error instanceof ProviderError) return problem(error.message, error.detail, error.path);
  if (error instanceof AwsError) return problem(`${action}: ${error.message}`, '');
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return problem(
    `${action}: the local provider failed`,
    `This is a bug in Slipway's local Terraform provider.\n${stack}`,
  );
}

export function attributePath(path: Path): AttributePath {
  return {
    steps: path.map((step) => (typeof step === 'number' ? { element_key_int: step } : { attribute_name: step })),
  };
}
