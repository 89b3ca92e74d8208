/**
 * Configuration comes from the environment, is read once at start and is typed from then on. All mistakes are reported
 * together, so that a service with three wrong variables fails once and not three times.
 */
import type { Result } from './result.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads one setting. */
export type Setting<Value> = (environment: Environment) => Result<Value>;

type Values<Settings extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer Value> ? Value : never;
};

/** The environment does not describe a service that could run. The message names every variable that is wrong. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the environment is not complete: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/**
 * Reads every setting.
 * @throws ConfigurationError with all problems when there is one
 */
export function readConfig<Settings extends Readonly<Record<string, Setting<unknown>>>>(
  settings: Settings,
  environment: Environment,
): Values<Settings> {
  const results = Object.entries(settings).map(([name, read]) => ({ name, result: read(environment) }));
  const problems = results.flatMap(({ result }) => (result.ok ? [] : [result.error]));
  if (problems.length > 0) throw new ConfigurationError(problems);
  const values = results.map(({ name, result }) => [name, result.ok ? result.value : undefined]);
  return Object.fromEntries(values) as Values<Settings>;
}

/** A variable that has to be there, unless there is a fallback. Empty counts as absent. */
export function text(variable: string, fallback?: string): Setting<string> {
  return (environment) => {
    const value = environment[variable] || fallback;
    return value === undefined ? { ok: false, error: `${variable} is not set` } : { ok: true, value };
  };
}

/** A variable that may be absent; then it is empty. */
export function optionalText(variable: string): Setting<string> {
  return (environment) => ({ ok: true, value: environment[variable] ?? '' });
}

/** A whole number between `minimum` and `maximum`. */
export function wholeNumber(
  variable: string,
  { fallback, minimum, maximum }: { fallback: number; minimum: number; maximum: number },
): Setting<number> {
  return (environment) => {
    const written = environment[variable] || String(fallback);
    const value = Number(written);
    if (/^\d+$/.test(written) && value >= minimum && value <= maximum) return { ok: true, value };
    return { ok: false, error: `${variable} is "${written}", expected a whole number from ${minimum} to ${maximum}` };
  };
}

/** Where a web service listens: every address unless HOST says otherwise. */
export const listenSettings = {
  host: text('HOST', '0.0.0.0'),
  port: wholeNumber('PORT', { fallback: 8080, minimum: 0, maximum: 65_535 }),
} as const;

/** Which code runs where; it goes into every log line, every error report and the footer of every page. */
export interface Identity {
  readonly service: string;
  readonly environment: string;
  /** Commit, or the version of a Lambda function, whose image must not depend on the commit. */
  readonly release: string;
}

export function readIdentity(service: string, environment: Environment): Identity {
  return {
    service: environment['SLIPWAY_SERVICE'] || service,
    environment: environment['SLIPWAY_ENVIRONMENT'] || 'development',
    release: environment['SLIPWAY_RELEASE'] || environment['AWS_LAMBDA_FUNCTION_VERSION'] || 'development',
  };
}
