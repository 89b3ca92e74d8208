import type { Clock } from '../ports/clock.ts';
import type { Progress } from './ports.ts';

/** One service in the table that people watch. */
export interface LiveRow {
  readonly service: string;
  readonly state: 'waits' | 'moves' | 'serves' | 'failed';
  readonly detail: string;
  /** Seconds since it began to move. */
  readonly seconds: number;
}

export interface Live {
  tell(service: string, state: LiveRow['state'], detail: string): void;
  /** Seconds that a service has moved for. */
  seconds(service: string): number;
}

/** One table of all services that move; whoever follows is told when something in it changes. */
export function createLive(services: readonly string[], progress: Progress, clock: Clock): Live {
  const rows = new Map<string, LiveRow>();
  const started = new Map<string, number>();
  for (const service of services) rows.set(service, { service, state: 'waits', detail: '', seconds: 0 });
  const seconds = (service: string): number => (clock.now() - (started.get(service) ?? clock.now())) / 1000;
  return {
    seconds,
    tell(service, state, detail) {
      if (state === 'moves' && !started.has(service)) started.set(service, clock.now());
      rows.set(service, { service, state, detail, seconds: seconds(service) });
      if (progress.table) progress.table([...rows.values()]);
      else progress.line(`${service} ${state} ${detail}`.trimEnd());
    },
  };
}
