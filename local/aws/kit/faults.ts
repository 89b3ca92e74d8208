import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from './service.ts';

export const EFFECTS = ['throttle', 'fail', 'deny', 'delay', 'drop'] as const;
/** What goes wrong: too many requests, error 500, access denied, a slow answer, a connection that ends without an answer. */
export type Effect = (typeof EFFECTS)[number];

/** Before the operation did anything, or after it took effect and only the answer suffers. */
export type Moment = 'before' | 'after';

export interface FaultRule {
  /** `ecs:UpdateService`, `ecs:*` or `*`. */
  readonly operation: string;
  readonly effect: Effect;
  /** `before` if absent. */
  readonly when?: Moment;
  /** Calls that are left alone first. */
  readonly skip?: number;
  /** Calls that suffer; absent: every one until the fault is cleared. */
  readonly count?: number;
  /** Share of the calls that suffer, 0 to 1; absent: all. */
  readonly probability?: number;
  /** Of the draws, so that a run can be repeated. */
  readonly seed?: number;
  /** Of a delay. */
  readonly milliseconds?: number;
}

export interface Fault extends FaultRule {
  readonly id: number;
  /** Calls that suffered. */
  readonly hits: number;
}

/** One call to the API, at one moment. */
export interface Call {
  /** Counts the calls since the start. */
  readonly number: number;
  readonly operation: string;
  readonly moment: Moment;
}

export type Watcher = (call: Call) => Promise<void> | void;

/** Faults that the API of this local cloud is told to have. They end with the process. */
export interface Faults {
  /** Throws `RangeError` where the rule makes no sense. */
  add(rule: FaultRule): Fault;
  list(): readonly Fault[];
  /** Ends one fault, or all; returns how many ended. */
  clear(id?: number): number;
  /** Calls `watcher` at both moments of every call, before faults have their turn. Returns how to stop. */
  watch(watcher: Watcher): () => void;
  /** A call begins: returns its number. */
  next(): number;
  /** Suffers what the faults say: waits, or throws an `AwsError` or `ConnectionDropped`. */
  meet(call: Call): Promise<void>;
}

/** The answer never arrives. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}

/** Error code and status of too many requests, where it is not `ThrottlingException`. */
const THROTTLED: Readonly<Record<string, readonly [code: string, status: number]>> = {
  s3: ['SlowDown', 503],
  lambda: ['TooManyRequestsException', 429],
  elasticloadbalancing: ['Throttling', 400],
};

const DEFAULT_DELAY = 1_000;

export function createFaults(): Faults {
  const faults = new Map<number, { fault: Fault; seen: number; random: () => number }>();
  const watchers = new Set<Watcher>();
  let ids = 0;
  let calls = 0;

  /** Whether this call suffers; counts it. */
  function strikes(id: number): boolean {
    const entry = faults.get(id);
    if (entry === undefined) return false;
    const { fault } = entry;
    entry.seen += 1;
    if (entry.seen <= (fault.skip ?? 0) || fault.hits >= (fault.count ?? Number.POSITIVE_INFINITY)) return false;
    if (fault.probability !== undefined && entry.random() >= fault.probability) return false;
    entry.fault = { ...fault, hits: fault.hits + 1 };
    return true;
  }

  return {
    add(rule) {
      checkRule(rule);
      ids += 1;
      const fault: Fault = { ...rule, id: ids, hits: 0 };
      faults.set(ids, { fault, seen: 0, random: generator(rule.seed ?? 1) });
      return fault;
    },
    list: () => [...faults.values()].map(({ fault }) => fault),
    clear(id) {
      const before = faults.size;
      if (id === undefined) faults.clear();
      else faults.delete(id);
      return before - faults.size;
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    next() {
      calls += 1;
      return calls;
    },
    async meet(call) {
      for (const watcher of watchers) await watcher(call);
      for (const { fault } of [...faults.values()]) {
        if ((fault.when ?? 'before') !== call.moment || !matches(fault.operation, call.operation)) continue;
        if (strikes(fault.id)) await suffer(fault, call.operation);
      }
    },
  };
}

function matches(pattern: string, operation: string): boolean {
  return pattern === '*' || pattern === operation || pattern === `${operation.split(':')[0]}:*`;
}

async function suffer({ effect, milliseconds = DEFAULT_DELAY }: Fault, operation: string): Promise<void> {
  switch (effect) {
    case 'delay':
      await sleep(milliseconds, undefined, { ref: false });
      return;
    case 'drop':
      throw new ConnectionDropped(`${operation}: the connection was dropped, as a fault says`);
    case 'deny':
      throw new AwsError('AccessDeniedException', `${operation} is denied, as a fault says`, { status: 400 });
    case 'fail':
      throw new AwsError('InternalFailure', `${operation} failed, as a fault says`, { status: 500 });
    case 'throttle': {
      const [code, status] = THROTTLED[operation.split(':')[0] ?? ''] ?? ['ThrottlingException', 400];
      throw new AwsError(code, 'Rate exceeded', { status });
    }
  }
}

function checkRule({ operation, effect, when, skip, count, probability, milliseconds }: FaultRule): void {
  if (!/^(\*|[a-z0-9]+:(\*|[A-Za-z0-9]+))$/.test(operation))
    throw new RangeError(`operation is "${operation}"; it has to be like ecs:UpdateService, ecs:* or *`);
  if (!EFFECTS.includes(effect))
    throw new RangeError(`effect is "${effect}"; it has to be one of ${EFFECTS.join(', ')}`);
  if (when !== undefined && when !== 'before' && when !== 'after')
    throw new RangeError(`when is "${when}"; it has to be before or after`);
  if (when === 'after' && (effect === 'throttle' || effect === 'deny'))
    throw new RangeError(`a call that AWS answers with "${effect}" has no effect: when has to be before`);
  for (const [name, value] of Object.entries({ skip, count, milliseconds }))
    if (value !== undefined && !(Number.isInteger(value) && value >= 0))
      throw new RangeError(`${name} is ${value}; it has to be a whole number from 0`);
  if (probability !== undefined && !(probability >= 0 && probability <= 1))
    throw new RangeError(`probability is ${probability}; it has to be from 0 to 1`);
}

/** Mulberry32: small, and the same sequence everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
