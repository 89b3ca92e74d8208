/**
 * Error reports to Sentry. The SDK is started without its default integrations: they instrument every library for
 * tracing, which a service of a few hundred lines pays for at each cold start, and tracing is not used here.
 */
import {
  captureException,
  dedupeIntegration,
  flush as flushSentry,
  initWithoutDefaultIntegrations,
  linkedErrorsIntegration,
} from '@sentry/node';
import type { Identity } from './config.ts';
import type { Fields, Log } from './log.ts';

export interface ErrorReporter {
  /** Reports an error that nobody expected. It never throws and never waits. */
  capture(error: unknown, context?: Fields): void;
  /** Waits until reports are sent, at most `milliseconds`. */
  flush(milliseconds: number): Promise<void>;
}

/**
 * @param dsn where to send reports. Empty: nowhere. Anything that is no DSN is said once in the log and then ignored,
 *   because a typing error in a secret must not keep a service from starting.
 */
export function createErrorReporter(dsn: string | undefined, identity: Identity, log: Log): ErrorReporter {
  if (!dsn) return silentReporter;
  if (!isDsn(dsn)) {
    log.warn('SENTRY_DSN is not of the form https://<key>@<host>/<project>; errors are only logged');
    return silentReporter;
  }
  initWithoutDefaultIntegrations({
    dsn,
    release: identity.release,
    // Services share a release; their source maps are told apart by this.
    dist: identity.service,
    environment: identity.environment,
    serverName: identity.service,
    integrations: [linkedErrorsIntegration(), dedupeIntegration()],
    sendClientReports: false,
    enableRuntimeChannelInjection: false,
  });
  let unsent = false;
  return {
    capture(error, context = {}) {
      unsent = true;
      captureException(error, { extra: { ...context } });
    },
    async flush(milliseconds) {
      if (!unsent) return;
      unsent = false;
      await flushSentry(milliseconds);
    },
  };
}

const silentReporter: ErrorReporter = { capture() {}, async flush() {} };

/** https://docs.sentry.io/concepts/key-terms/dsn-explainer/ */
function isDsn(dsn: string): boolean {
  if (!URL.canParse(dsn)) return false;
  const { protocol, username, pathname } = new URL(dsn);
  return /^https?:$/.test(protocol) && username !== '' && /\/\w+$/.test(pathname);
}
