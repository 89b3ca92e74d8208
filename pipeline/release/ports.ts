import type { Clock } from '../ports/clock.ts';
import type { History } from '../ports/history.ts';
import type { SendHttp } from '../ports/http.ts';
import type { Images } from '../ports/images.ts';
import type { Inspect } from '../ports/inspect.ts';
import type { Observe } from '../ports/observe.ts';
import type { Tasks } from '../ports/tasks.ts';
import type { Templates } from '../ports/templates.ts';
import type { ReleaseTracker } from '../ports/tracker.ts';
import type { MoverFor } from '../rollout/mover.ts';
import type { Ledger } from './ledger.ts';
import type { LiveRow } from './live.ts';

/** Who follows a deployment while it runs. */
export interface Progress {
  /** A new phase begins: settle, plan, preflight, register, rollout, verify, put back, record. */
  phase(name: string): void;
  line(text: string): void;
  /** All services that move, whenever something about one of them changed. Absent: told by lines. */
  table?(rows: readonly LiveRow[]): void;
}

/** Everything outside that a deployment or rollback touches. */
export interface ReleasePorts {
  readonly ledger: Ledger;
  readonly templates: Templates;
  readonly images: Images;
  readonly inspect: Inspect;
  readonly observe: Observe;
  readonly tasks: Tasks;
  readonly moverFor: MoverFor;
  readonly history: History;
  readonly tracker: ReleaseTracker;
  readonly send: SendHttp;
  readonly clock: Clock;
  readonly progress: Progress;
}
