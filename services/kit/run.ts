/** How every service starts and ends: one log, one error reporter, one reaction to signals and to errors nobody caught. */
import { ConfigurationError, type Environment, type Identity, readIdentity } from './config.ts';
import { createLog, type Log } from './log.ts';
import { createErrorReporter, type ErrorReporter } from './sentry.ts';

export interface Context {
  readonly environment: Environment;
  readonly identity: Identity;
  readonly log: Log;
  readonly reporter: ErrorReporter;
  /** Aborted by SIGTERM or SIGINT: finish what you have begun and return. */
  readonly stopping: AbortSignal;
}

/** ECS sends SIGKILL 30 s after SIGTERM, so everything has to be over before. */
const LAST_MOMENT_MILLISECONDS = 25_000;
const FLUSH_MILLISECONDS = 2_000;

/**
 * Runs a service until `main` returns, then ends the process: with 0, or with 1 when something was thrown.
 * @param service name for the log when the environment gives none
 * @param complete adds to the environment what has to be fetched first: the secrets of a function
 */
export async function run(
  service: string,
  main: (context: Context) => Promise<void>,
  complete: (environment: Environment) => Promise<Environment> = async (environment) => environment,
): Promise<void> {
  const environment = await complete(process.env);
  const identity = readIdentity(service, environment);
  const log = createLog(identity);
  const reporter = createErrorReporter(environment['SENTRY_DSN'], identity, log);

  const end = async (code: number): Promise<never> => {
    await reporter.flush(FLUSH_MILLISECONDS);
    process.exit(code);
  };
  const crash = (error: unknown): Promise<never> => {
    log.error('stopped by an error', { error });
    // A wrong environment is the deployer's to mend and fully told by the log; it is no bug to report.
    if (!(error instanceof ConfigurationError)) reporter.capture(error);
    return end(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  await main({ environment, identity, log, reporter, stopping: stopSignal(log) }).then(() => end(0), crash);
}

function stopSignal(log: Log): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) return;
    log.info('stopping', { signal });
    controller.abort();
    setTimeout(() => {
      log.error('did not stop in time');
      process.exit(1);
    }, LAST_MOMENT_MILLISECONDS).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return controller.signal;
}
