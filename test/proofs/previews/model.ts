import { closePreview } from '../../../pipeline/preview/close.ts';
import { runCommand } from '../../../pipeline/preview/command.ts';
import { explainFork } from '../../../pipeline/preview/fork.ts';
import { openPreview } from '../../../pipeline/preview/open.ts';
import type { PreviewContext } from '../../../pipeline/preview/ports.ts';
import { updateRecord } from '../../../pipeline/preview/record.ts';
import { sweep } from '../../../pipeline/preview/sweep.ts';
import { MANIFESTS } from '../../../pipeline/preview/testing.ts';
import type { Verb } from '../../../pipeline/preview/verbs.ts';
import { type Sleeper, wake } from '../../../services/waker/src/wake.ts';
import { createAccount } from './account.ts';
import { createScheduler, type Run } from './scheduler.ts';

export type Event =
  | {
      readonly type:
        | 'open'
        | 'push'
        | 'close'
        | 'lost close'
        | 'reopen'
        | 'delete branch'
        | 'fork'
        | 'label fork'
        | 'full'
        | 'visit';
      readonly number: number;
    }
  | {
      readonly type: 'command';
      readonly number: number;
      readonly verb: Exclude<Verb, 'full'>;
      readonly person: 'writer' | 'stranger';
    }
  | { readonly type: 'sweep' | 'cancel' }
  | { readonly type: 'time'; readonly hours: number }
  | { readonly type: 'steps'; readonly count: number };

const CONTEXT: PreviewContext = {
  project: {
    app: 'slipway',
    accountId: '000000000000',
    region: 'us-east-1',
    domain: 'example.test',
    urlPattern: 'https://{host}',
    repository: 'acme/app',
  },
  actor: 'ann',
  run: 'https://github.test/runs/1',
  expiryDays: 7,
};
const CAPACITY = { rules: 12, targetGroups: 90 };
const HOUR_MS = 3_600_000;
const PATIENCE_STEPS = 20_000;

/** What GitHub does with events: one run per pull request and one in line, of which the newest stays. */
export function createModel(seed: number) {
  const scheduler = createScheduler(seed);
  const account = createAccount(scheduler);
  const { pullRequests } = account;
  const queues = new Map<number, { running?: Run; next?: () => Run }>();
  /** What the last finished run of a pull request left: the commit that it opened. */
  const opened = new Map<number, string>();
  let commits = 0;
  let strangers = 0;

  function enqueue(number: number, start: () => Run): void {
    const queue = queues.get(number) ?? {};
    queues.set(number, queue);
    if (queue.running?.alive && !queue.running.done) queue.next = start;
    else queue.running = start();
  }

  function pump(): void {
    for (const queue of queues.values()) {
      if (!queue.next || (queue.running?.alive && !queue.running.done)) continue;
      const start = queue.next;
      delete queue.next;
      queue.running = start();
    }
  }

  const ports = (run: Run, number: number) => account.portsFor(run, number);

  const opening = (number: number, commit: string) =>
    scheduler.start(
      `open ${number} ${commit}`,
      async (run) => {
        const images = account.worldOf(number).images({});
        const full = pullRequests.get(number)?.labels?.includes('preview-full') ?? false;
        const request = { ...CONTEXT, number, commit, images, manifests: MANIFESTS, full, capacity: CAPACITY };
        const result = await openPreview(request, ports(run, number));
        // It came to its end and was killed before anybody heard of it.
        if (!run.alive) return;
        if (result.outcome === 'open') opened.set(number, commit);
        // No room, or nothing: what was there before may be gone.
        else opened.delete(number);
      },
      number,
    );
  const closing = (number: number) =>
    scheduler.start(
      `close ${number}`,
      (run) =>
        closePreview(
          { number, actor: 'ann', reason: 'the pull request was closed', evenIfOpen: false, lockWaitMs: 45_000 },
          ports(run, number),
        ),
      number,
    );
  const explaining = (number: number, commit: string) =>
    scheduler.start(`explain ${number}`, (run) => explainFork({ number, commit }, ports(run, number)), number);
  const sweeping = () =>
    scheduler.start('sweep', (run) => sweep({ ...CONTEXT, dryRun: false, idleMinutes: 60 }, sweepPorts(run)));

  /** One set of ports serves all pull requests: only a deployment needs the world of its own. */
  const sweepPorts = (run: Run) => account.portsFor(run, 1);

  function pushed(number: number): void {
    const known = pullRequests.get(number);
    if (!known?.open) return;
    const headCommit = `c${++commits}`;
    pullRequests.set(number, { ...known, headCommit });
    enqueue(number, () => (known.fork ? explaining(number, headCommit) : opening(number, headCommit)));
  }

  function close(number: number, event: boolean): void {
    const known = pullRequests.get(number);
    if (!known?.open) return;
    pullRequests.set(number, { ...known, open: false });
    opened.delete(number);
    if (event) enqueue(number, () => closing(number));
  }

  function reopen(number: number, fork: boolean): void {
    if (pullRequests.get(number)?.open) return;
    const known = pullRequests.get(number);
    const headCommit = known?.headCommit ?? `c${++commits}`;
    const pull = { number, open: true, headCommit, title: '', fork: known?.fork ?? fork, labels: [] };
    pullRequests.set(number, pull);
    enqueue(number, () => (pull.fork ? explaining(number, headCommit) : opening(number, headCommit)));
  }

  function kill(run: Run): void {
    scheduler.kill(run);
    if (run.pullRequest !== undefined) opened.delete(run.pullRequest);
  }

  function visit(number: number): void {
    const environment = `pr-${number}`;
    if (!account.existing.get(environment)?.size) return;
    if (!account.covered.has(number)) return void account.visits.set(environment, scheduler.now());
    scheduler.start(`waker ${number}`, (run) => wake(number, wakerAccount(run), scheduler.now), number);
  }

  function wakerAccount(run: Run) {
    const { power, documents } = account.portsFor(run, 1);
    const move = async (number: number, from: string, change: object): Promise<boolean> => {
      let moved = false;
      await updateRecord(number, documents, (record) => {
        moved = record?.state === from;
        return moved && record ? { ...record, ...change } : undefined;
      });
      return moved;
    };
    return {
      async read(number: number): Promise<Sleeper | undefined> {
        const known = await documents.read<Omit<Sleeper, 'version'>>(`pr-${number}`, 'preview');
        return known && { ...known.value, version: known.version };
      },
      claim: (number: number, now: number) =>
        move(number, 'asleep', { state: 'waking', awakeSince: now, visitedAt: now }),
      opened: async (number: number, now: number) =>
        void (await move(number, 'waking', { state: 'open', visitedAt: now })),
      start: power.start,
      ready: power.ready,
      uncover: power.uncover,
    };
  }

  async function happen(event: Event): Promise<void> {
    switch (event.type) {
      case 'open':
        return reopen(event.number, false);
      case 'fork':
        return pullRequests.has(event.number) ? undefined : reopen(event.number, true);
      case 'reopen':
        return pullRequests.has(event.number) ? reopen(event.number, false) : undefined;
      case 'push':
        return pushed(event.number);
      case 'close':
        return close(event.number, true);
      case 'lost close':
        return close(event.number, false);
      case 'delete branch':
        // GitHub closes the pull request; the commit is still there.
        return close(event.number, true);
      case 'label fork': {
        const known = pullRequests.get(event.number);
        if (!known?.open || !known.fork) return;
        pullRequests.set(event.number, { ...known, labels: ['preview-fork'] });
        return enqueue(event.number, () => opening(event.number, known.headCommit));
      }
      case 'full': {
        // Put on or taken off: both make the preview anew.
        const known = pullRequests.get(event.number);
        if (!known?.open || known.fork) return;
        const labels = known.labels?.includes('preview-full') ? [] : ['preview-full'];
        pullRequests.set(event.number, { ...known, labels });
        return enqueue(event.number, () => opening(event.number, known.headCommit));
      }
      case 'visit':
        return visit(event.number);
      case 'command': {
        const { number, verb, person } = event;
        if (person === 'stranger') strangers++;
        scheduler.start(
          `${person} ${verb} ${number}`,
          async (run) => {
            const asked = { ...CONTEXT, number, verb, person, lockWaitMs: 45_000 };
            const { outcome } = await runCommand(asked, ports(run, number));
            if (person === 'stranger' && outcome === 'done') account.violations.push(`a stranger did ${verb}`);
            if (outcome === 'done' && verb === 'destroy') opened.delete(number);
          },
          number,
        );
        return;
      }
      case 'sweep':
        return void sweeping();
      case 'cancel': {
        const running = scheduler.running().filter(({ name }) => name !== 'last sweep');
        const victim = running[scheduler.random(Math.max(1, running.length))];
        return victim && kill(victim);
      }
      case 'time':
        // GitHub ends a job that takes so long.
        for (const run of scheduler.running()) kill(run);
        if (event.hours >= 24) opened.clear();
        return scheduler.advance(event.hours * HOUR_MS);
      case 'steps':
        for (let left = event.count; left > 0; left--) {
          await scheduler.step();
          pump();
        }
    }
  }

  async function drain(): Promise<void> {
    for (let steps = 0; steps < PATIENCE_STEPS; steps++) {
      const went = await scheduler.step();
      pump();
      if (!went && scheduler.running().length === 0) return;
    }
    account.violations.push(
      `runs never end: ${scheduler
        .running()
        .map(({ name }) => name)
        .join(', ')}`,
    );
  }

  return {
    scheduler,
    account,
    opened,
    happen,
    /** Lets everything come to its end, waits until the leases of the dead are over, and sweeps once. */
    async finish(): Promise<void> {
      await drain();
      await scheduler.advance(60_000);
      scheduler.start('last sweep', (run) => sweep({ ...CONTEXT, dryRun: false, idleMinutes: 60 }, sweepPorts(run)));
      await drain();
    },
    strangers: () => strangers,
  };
}

export type Model = ReturnType<typeof createModel>;
