/** A run or job was replaced by a newer one of its concurrency group before it could start. */
export class Superseded extends Error {}

interface Waiting {
  readonly start: () => void;
  readonly reject: (error: Error) => void;
}

interface Group {
  cancelRunning: (reason: string) => void;
  pending?: Waiting | undefined;
}

export interface Ticket {
  readonly group: string;
  readonly cancelInProgress: boolean;
  /** Called when a newer one of the group wants this one gone. */
  readonly cancel: (reason: string) => void;
  /** Aborted = the ticket gives up its place in the queue. */
  readonly signal: AbortSignal;
}

/** GitHub's concurrency groups of one repository: one runs, one waits, a newer one replaces the waiting one. */
export interface Concurrency {
  /** Resolves with the function that frees the place, once the holder may run. Rejects with `Superseded`. */
  enter(ticket: Ticket): Promise<() => void>;
}

export function createConcurrency(): Concurrency {
  const groups = new Map<string, Group>();

  function leave(key: string): void {
    const group = groups.get(key);
    if (!group?.pending) {
      groups.delete(key);
      return;
    }
    const next = group.pending;
    group.pending = undefined;
    next.start();
  }

  return {
    async enter(ticket) {
      const key = ticket.group.toLowerCase();
      const group = groups.get(key);
      const freeOnce = once(() => leave(key));
      if (!group) {
        groups.set(key, { cancelRunning: ticket.cancel });
        return freeOnce;
      }
      const reason = `Canceling since a higher priority waiting request for '${ticket.group}' exists`;
      group.pending?.reject(new Superseded(reason));
      return new Promise((resolve, reject) => {
        group.pending = {
          start: () => {
            group.cancelRunning = ticket.cancel;
            resolve(freeOnce);
          },
          reject,
        };
        ticket.signal.addEventListener('abort', () => giveUp(group, reject), { once: true });
        if (ticket.cancelInProgress) group.cancelRunning(reason);
      });
    },
  };
}

function giveUp(group: Group, reject: Waiting['reject']): void {
  if (group.pending?.reject !== reject) return;
  group.pending = undefined;
  reject(new Superseded('The operation was canceled.'));
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
