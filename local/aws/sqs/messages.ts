import { randomUUID } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { KeptAttributes } from './attributes.ts';
import { deadLetters, numberOf, type Queue } from './queues.ts';

export interface StoredMessage {
  /** Ordered by arrival. */
  readonly key: string;
  readonly id: string;
  readonly body: string;
  readonly attributes: KeptAttributes;
  readonly sent: number;
  /** When it can be received (again). Milliseconds since the epoch, as every time here. */
  readonly visible: number;
  readonly receives: number;
  readonly firstReceived?: number;
  /** Of the last receive; older ones no longer count. */
  readonly receipt?: string;
}

export interface Counts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface Messages {
  send(queue: Queue, message: Pick<StoredMessage, 'body' | 'attributes'>, delaySeconds: number): StoredMessage;
  /** Up to `most` messages that are visible now, hidden for `hideSeconds`. Those received too often move to the dead letters instead. */
  receive(queue: Queue, most: number, hideSeconds: number): StoredMessage[];
  /** The message that a receipt stands for, if it is still the latest receipt. */
  find(queue: Queue, receipt: string): StoredMessage | undefined;
  hide(queue: Queue, message: StoredMessage, seconds: number): void;
  remove(queue: Queue, message: StoredMessage): void;
  purge(queue: string): void;
  count(queue: Queue): Counts;
  /** Resolves when a message may have become visible, at the latest after `milliseconds`. */
  wait(queue: Queue, milliseconds: number): Promise<'go on' | 'closed'>;
  /** Ends every wait; the service goes away. */
  close(): void;
}

/** Messages live in memory and, so that a restart finds them, in the store. `find` is how queues look each other up by name. */
export function openMessages(cloud: Cloud, findQueue: (name: string) => Queue | undefined): Messages {
  const loaded = new Map<string, Map<string, StoredMessage>>();
  const waiting = new Map<string, Set<() => void>>();
  let number = 0;
  let closed = false;

  const collection = (queue: string) => cloud.store.collection<StoredMessage>(`sqs/messages/${queue}`);
  const messagesOf = (queue: string): Map<string, StoredMessage> => {
    const known = loaded.get(queue) ?? new Map(collection(queue).entries());
    loaded.set(queue, known);
    return known;
  };
  const save = (queue: string, message: StoredMessage): StoredMessage => {
    messagesOf(queue).set(message.key, message);
    collection(queue).set(message.key, message);
    return message;
  };
  const drop = (queue: string, { key }: StoredMessage): void => {
    messagesOf(queue).delete(key);
    collection(queue).delete(key);
  };
  const wake = (queue: string): void => {
    for (const resolve of waiting.get(queue) ?? []) resolve();
  };
  const nextKey = (): string => `${cloud.now().toString().padStart(14, '0')}-${String(number++).padStart(9, '0')}`;

  /** What has outlived the queue's retention is gone. */
  function* living(queue: Queue): Generator<StoredMessage> {
    const oldest = cloud.now() - numberOf(queue, 'MessageRetentionPeriod') * 1000;
    for (const message of [...messagesOf(queue.name).values()]) {
      if (message.sent < oldest) drop(queue.name, message);
      else yield message;
    }
  }

  function moveToDeadLetters(queue: Queue, message: StoredMessage): boolean {
    const policy = deadLetters(queue);
    const target = policy && findQueue(policy.queue);
    if (!policy || !target || message.receives < policy.maxReceiveCount) return false;
    const { receipt: _ended, ...kept } = message;
    save(target.name, { ...kept, key: nextKey(), visible: cloud.now() });
    drop(queue.name, message);
    wake(target.name);
    return true;
  }

  return {
    send(queue, message, delaySeconds) {
      const now = cloud.now();
      const sent = { ...message, key: nextKey(), id: randomUUID(), sent: now, receives: 0 };
      const saved = save(queue.name, { ...sent, visible: now + delaySeconds * 1000 });
      wake(queue.name);
      return saved;
    },
    receive(queue, most, hideSeconds) {
      const now = cloud.now();
      const received: StoredMessage[] = [];
      for (const message of living(queue)) {
        if (received.length === most) break;
        if (message.visible > now || moveToDeadLetters(queue, message)) continue;
        const change = { visible: now + hideSeconds * 1000, receives: message.receives + 1, receipt: randomUUID() };
        received.push(save(queue.name, { firstReceived: now, ...message, ...change }));
      }
      return received;
    },
    find: (queue, receipt) => [...living(queue)].find((message) => message.receipt === receipt),
    hide(queue, message, seconds) {
      save(queue.name, { ...message, visible: cloud.now() + seconds * 1000 });
      wake(queue.name);
    },
    remove: (queue, message) => drop(queue.name, message),
    purge(queue) {
      for (const message of [...messagesOf(queue).values()]) drop(queue, message);
      loaded.delete(queue);
    },
    count(queue) {
      const now = cloud.now();
      const counts = { waiting: 0, inFlight: 0, delayed: 0 };
      for (const { visible, receives } of living(queue))
        counts[visible <= now ? 'waiting' : receives > 0 ? 'inFlight' : 'delayed']++;
      return counts;
    },
    wait(queue, milliseconds) {
      const next = Math.min(...[...living(queue)].map(({ visible }) => visible - cloud.now()), milliseconds);
      const waiters = waiting.get(queue.name) ?? new Set();
      waiting.set(queue.name, waiters);
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiters.delete(done);
          resolve(closed ? 'closed' : 'go on');
        };
        const timer = setTimeout(done, Math.max(1, next));
        waiters.add(done);
      });
    },
    close() {
      closed = true;
      for (const queue of waiting.keys()) wake(queue);
    },
  };
}
