import type { Collection, Store } from '../../state/store.ts';
import type { Comment, Issue, PullRequest, Run, Settings } from '../types.ts';

export interface Deployment {
  readonly id: number;
  readonly commit: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string;
  readonly payload: unknown;
  readonly transient: boolean;
  readonly production: boolean;
  readonly creator: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Newest first. */
  readonly statuses: readonly DeploymentStatus[];
  /** Run whose job made it. */
  readonly run?: number;
}

export interface DeploymentStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly url: string;
  readonly logUrl: string;
  readonly creator: string;
  readonly createdAt: string;
}

/** Everything that the local GitHub remembers. */
export interface State {
  readonly pulls: Numbered<PullRequest>;
  readonly issues: Numbered<Issue>;
  readonly comments: Numbered<Comment>;
  readonly deployments: Numbered<Deployment>;
  readonly runs: Numbered<Run>;
  /** By environment; '' is the repository itself. */
  readonly settings: Collection<Settings>;
  /** Process groups of running steps, by pid, with what tells them from a later process of that number. */
  readonly processes: Collection<{ readonly started: string }>;
  readonly values: Collection<unknown>;
  /** The next number of a sequence, from `first` on. */
  next(sequence: string, first?: number): number;
}

/** A collection by number, in numeric order. */
export interface Numbered<Value> {
  get(number: number): Value | undefined;
  set(number: number, value: Value): void;
  delete(number: number): boolean;
  list(): Value[];
}

const DIGITS = 12;

export function openState(store: Store): State {
  const sequences = store.collection<number>('github/sequences');
  return {
    pulls: numbered(store, 'github/pulls'),
    issues: numbered(store, 'github/issues'),
    comments: numbered(store, 'github/comments'),
    deployments: numbered(store, 'github/deployments'),
    runs: numbered(store, 'github/runs'),
    settings: store.collection('github/settings'),
    processes: store.collection('github/processes'),
    values: store.collection('github/values'),
    next(sequence, first = 1) {
      const number = (sequences.get(sequence) ?? first - 1) + 1;
      sequences.set(sequence, number);
      return number;
    },
  };
}

function numbered<Value>(store: Store, name: string): Numbered<Value> {
  const collection = store.collection<Value>(name);
  const key = (number: number): string => String(number).padStart(DIGITS, '0');
  return {
    get: (number) => collection.get(key(number)),
    set: (number, value) => collection.set(key(number), value),
    delete: (number) => collection.delete(key(number)),
    list: () => collection.entries().map(([, value]) => value),
  };
}

/** Settings of the repository ('') or of an environment. */
export function settingsOf(state: State, environment = ''): Settings {
  return state.settings.get(environment) ?? { variables: {}, secrets: {} };
}
