import { lastActivity } from '../../../pipeline/preview/expiry.ts';
import type { Places } from '../../../pipeline/preview/places.ts';
import { costSoFar, type PreviewRecord } from '../../../pipeline/preview/record.ts';
import type { Model } from './model.ts';

const DAY_MS = 24 * 3_600_000;
/** Two Spot tasks of 0.25 vCPU with their addresses; see costs.md. */
const HOURLY_LIMIT = 0.05;
const MOST_RULES = 12;

/** Everything that has to hold after any story and one sweep. Returns what does not. */
export function violationsOf({ account, opened, scheduler }: Model, started: number): readonly string[] {
  const { pullRequests, comments, deployments, existing, states, covered, running, documents } = account;
  const found = [...account.violations, ...scheduler.failures.map((error) => `a run threw ${String(error)}`)];
  const say = (wrong: boolean, what: string): void => void (wrong && found.push(what));
  const now = scheduler.now();
  const places = (documents.all.get('pr-places places')?.value ?? {}) as Places;
  const numbers = new Set([...pullRequests.keys(), ...[...existing.keys()].map((name) => Number(name.slice(3)))]);
  for (const number of numbers) {
    const environment = `pr-${number}`;
    const pull = pullRequests.get(number);
    const record = documents.all.get(`${environment} preview`)?.value as PreviewRecord | undefined;
    const resources = existing.get(environment)?.size ?? 0;
    const expired = record !== undefined && lastActivity(record) + 7 * DAY_MS <= now;
    say(resources > 0 && !pull?.open, `${environment}: ${resources} orphans of a closed pull request`);
    say(resources > 0 && record === undefined, `${environment}: ${resources} resources that nobody knows`);
    say(resources > 0 && expired, `${environment}: exists although it expired`);
    say(record !== undefined && !pull?.open, `${environment}: a record of a closed pull request`);
    say((record === undefined) !== (places[number] === undefined), `${environment}: place and record disagree`);
    say(record === undefined && (states.get(environment)?.size ?? 0) > 0, `${environment}: a state is left`);
    say(record === undefined && covered.has(number), `${environment}: the rule of the waking page is left`);
    say(record === undefined && running.has(number), `${environment}: services run for nobody`);
    say(record?.state === 'opening', `${environment}: still said to be opening`);
    say(record?.state === 'asleep' && record.awakeSince !== undefined, `${environment}: asleep and paid for`);
    say(record?.state === 'asleep' && !covered.has(number), `${environment}: asleep and nobody wakes it`);
    say(record?.state === 'open' && covered.has(number), `${environment}: open behind the waking page`);
    say((comments.get(number)?.length ?? 0) > 1, `${environment}: ${comments.get(number)?.length} comments`);
    const active = [...deployments.values()].filter(({ task, active: on }) => task === environment && on).length;
    say(active > 0 && record === undefined && !pull?.open, `${environment}: a deployment is still active`);
    const commit = opened.get(number);
    if (pull?.open && commit === pull.headCommit && !expired) {
      say(record?.commit !== commit, `${environment}: was opened at ${commit} and is at ${record?.commit}`);
      say(resources < 6, `${environment}: only ${resources} of 6 resources`);
    }
    if (record !== undefined) {
      const limit = (HOURLY_LIMIT * (now - started)) / 3_600_000;
      say(costSoFar(record, now) > limit, `${environment}: said to have cost more than it can have`);
    }
  }
  const rules = Object.values(places).reduce((sum, place) => sum + place.rules, 0);
  say(rules > MOST_RULES, `${rules} rules on a load balancer that has room for ${MOST_RULES}`);
  say(
    new Set(Object.values(places).map(({ place }) => place)).size !== Object.keys(places).length,
    'two previews in one place',
  );
  return found;
}
