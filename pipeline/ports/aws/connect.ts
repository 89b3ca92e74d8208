import { ledgerTableName, type Project } from '../../manifest/names.ts';
import type { Progress, ReleasePorts } from '../../release/ports.ts';
import { createMovers } from '../../rollout/movers.ts';
import type { RolloutPace } from '../../rollout/pace.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { History } from '../history.ts';
import { sendHttp } from '../http.ts';
import { lazily } from '../lazily.ts';
import { createSentry, type SentrySettings } from '../sentry.ts';

export interface Connection {
  readonly project: Project;
  readonly history: History;
  readonly sentry: SentrySettings | undefined;
  readonly pace: RolloutPace;
  readonly progress: Progress;
  /** The system's if absent. */
  readonly clock?: Clock;
  /** Of the AWS API, where not the environment says it. */
  readonly endpoint?: string;
}

/**
 * The ports of a release on AWS. Endpoint and credentials come from the environment, as every AWS SDK reads them
 * (`AWS_ENDPOINT_URL`, ...). Rollouts poll, so throttling is answered with patience: ten attempts instead of the SDK's three.
 */
export function connectReleasePorts({
  project,
  history,
  sentry,
  pace,
  progress,
  clock = systemClock,
  endpoint,
}: Connection): ReleasePorts {
  const options = { region: project.region, maxAttempts: 10, ...(endpoint && { endpoint }) };
  const observe = lazily(async () => (await import('./observe.ts')).createObserve(options));
  return {
    ledger: lazily(async () =>
      (await import('../../release/ledger-dynamodb.ts')).createDynamoLedger({
        ...options,
        table: ledgerTableName(project.app),
      }),
    ),
    templates: lazily(async () => (await import('./templates.ts')).createTemplates({ ...options, app: project.app })),
    images: lazily(async () => (await import('./images.ts')).createImages(options)),
    inspect: lazily(async () => (await import('./inspect.ts')).createInspect(options)),
    tasks: lazily(async () => (await import('./tasks.ts')).createTasks(options)),
    observe,
    moverFor: createMovers({
      ecs: lazily(async () => (await import('./ecs.ts')).createEcs(options)),
      lambda: lazily(async () => (await import('./lambda.ts')).createLambda(options)),
      observe,
      send: sendHttp,
      clock,
      pace,
    }),
    history,
    tracker: createSentry(sentry, sendHttp),
    send: sendHttp,
    clock,
    progress,
  };
}
