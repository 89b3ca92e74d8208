/** What is on record of a preview; pipeline/preview/record.ts writes it, too. */
export interface Sleeper {
  readonly version: number;
  readonly state: string;
  /** Milliseconds since the epoch at which its services began to run. */
  readonly awakeSince?: number;
}

/** What the waker sees and changes of the account. */
export interface Account {
  read(number: number): Promise<Sleeper | undefined>;
  /** `asleep` -> `waking`. Resolves to whether it was us who did it: of many requests at a time, one. */
  claim(number: number, now: number): Promise<boolean>;
  /** `waking` -> `open`. */
  opened(number: number, now: number): Promise<void>;
  start(number: number): Promise<void>;
  ready(number: number): Promise<boolean>;
  /** Deletes the rule that leads here instead of to the services. */
  uncover(number: number): Promise<void>;
}

/** `waking`: ask again soon. `awake`: the next request reaches the services. */
export type Woken = 'waking' | 'awake';

/** Services that are still not there after so long are started once more: whoever started them may have died over it. */
const PATIENCE_MS = 60_000;

/** Wakes a preview, step by step: each request takes the step that is next, and only one of many starts the services. */
export async function wake(number: number, account: Account, now: () => number): Promise<Woken> {
  const sleeper = await account.read(number);
  if (sleeper?.state === 'asleep') {
    if (await account.claim(number, now())) await account.start(number);
    return 'waking';
  }
  if (sleeper?.state !== 'waking') {
    // Open, being opened, or gone: somebody else sees to it, and nothing is to lead here any more.
    await account.uncover(number);
    return 'awake';
  }
  if (!(await account.ready(number))) {
    if (now() - (sleeper.awakeSince ?? 0) > PATIENCE_MS) await account.start(number);
    return 'waking';
  }
  await account.uncover(number);
  await account.opened(number, now());
  return 'awake';
}
