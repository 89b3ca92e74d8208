import type { Project } from '../../../pipeline/manifest/names.ts';
import { connectReleasePorts } from '../../../pipeline/ports/aws/connect.ts';
import { type Clock, systemClock } from '../../../pipeline/ports/clock.ts';
import type { History, Relation } from '../../../pipeline/ports/history.ts';
import { type DeployRequest, type DeployResult, deploy } from '../../../pipeline/release/deploy.ts';
import type { ReleasePorts } from '../../../pipeline/release/ports.ts';
import { rollback } from '../../../pipeline/release/rollback.ts';

type RollbackRequest = Parameters<typeof rollback>[0];

/** What a run is told to do; travels to a child process as JSON. */
export type Order =
  | { readonly kind: 'deploy'; readonly request: Omit<DeployRequest, 'project'> }
  | { readonly kind: 'rollback'; readonly request: Omit<RollbackRequest, 'project'> };

export type RunResult = DeployResult | Awaited<ReturnType<typeof rollback>>;

export interface Run {
  readonly project: Project;
  readonly endpoint: string;
  readonly order: Order;
  /** Absent: the real time. */
  readonly time?: Time;
}

/** Time that passes faster: workers have to stay up for seconds, and the lease of a run that was killed has to end. */
export interface Time {
  /** Milliseconds since the epoch at which it left the real time. */
  readonly since: number;
  /** Milliseconds that it was put on besides. */
  readonly ahead: number;
}

export const TIME_SPEED = 40;

/** A clock that is the same in every process that is given the same time. */
export function fastClock({ since, ahead }: Time): Clock {
  const { now, sleep, every } = systemClock;
  return {
    now: () => Math.round(since + (now() - since) * TIME_SPEED + ahead),
    sleep: (milliseconds, signal) => sleep(milliseconds / TIME_SPEED, signal),
    // Signs of life come in real time: nothing hangs on them here but the number of calls.
    every,
  };
}

/** Commits are numbers here: a higher one contains a lower one. */
export const commitNumber = (number: number): string => number.toString(16).padStart(40, '0');

async function relation(base: string, commit: string): Promise<Relation> {
  if (base === commit) return 'identical';
  return base < commit ? 'ahead' : 'behind';
}

/** Nobody asks for a commit by its abbreviation here. */
const history: History = { relation, commitOf: async () => undefined };

const TIMEOUT_MS = 15 * 60_000;
/** As the actions have it in real time; not more often in fast time, where every look would be a moment to be killed at. */
const pollMs = (clock: Clock): number => (clock === systemClock ? 250 : 3_000);

export interface Place {
  readonly project: Project;
  /** Of the AWS API. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly onLine?: (line: string) => void;
}

/** The ports that the actions use, on a clock of the proof's. */
export function connect({ project, endpoint, clock, onLine = () => undefined }: Place): ReleasePorts {
  const progress = { phase: (name: string) => onLine(`# ${name}`), line: onLine };
  const pace = { pollMs: pollMs(clock), timeoutMs: TIMEOUT_MS };
  return connectReleasePorts({ project, endpoint, history, sentry: undefined, pace, progress, clock });
}

/** Milliseconds that a run took, of them in its own code, and of its slowest service. */
export interface Spent {
  readonly wall: number;
  readonly cpu: number;
  readonly slowest: number;
}

/** Runs a deployment or a rollback as the actions do. */
export function carryOut({ project, order }: Pick<Run, 'project' | 'order'>, ports: ReleasePorts): Promise<RunResult> {
  return order.kind === 'deploy'
    ? deploy({ ...order.request, project }, ports)
    : rollback({ ...order.request, project }, ports);
}
