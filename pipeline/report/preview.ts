import { endsSoon, expiresAt } from '../preview/expiry.ts';
import { costSoFar, type PreviewRecord } from '../preview/record.ts';
import { VERBS } from '../preview/verbs.ts';
import { code, list, paragraphs, plain, seconds, shortCommit, table } from './markdown.ts';

/** Finds our comment among all others; GitHub shows no HTML comments. */
export const previewMarker = (number: number): string => `<!-- slipway-preview:${number} -->`;

export interface Moment {
  readonly now: number;
  readonly expiryDays: number;
}

const STATES: Readonly<Record<PreviewRecord['state'], string>> = {
  opening: 'is being made',
  open: 'is up',
  failed: 'failed',
  asleep: 'sleeps, and wakes with the first request',
  waking: 'is waking up',
};

/** The one comment of a pull request, made of what is known of its preview and of nothing else, so that it can be written at any time. */
export function previewComment(record: PreviewRecord, moment: Moment): string {
  const { number, commit, state, url, run, failure, predictions } = record;
  return paragraphs(
    previewMarker(number),
    `### Preview: ${url}`,
    endsSoon(record, moment)
      ? `> [!WARNING]\n> It is destroyed on ${time(expiresAt(record, moment.expiryDays))} unless somebody pushes, visits it or comments \`/preview extend\`.`
      : undefined,
    `${shortCommit(commit)} ${STATES[state]}${record.seconds === undefined ? '' : `, ready after ${seconds(record.seconds)}`} ([run](${run}))`,
    failure,
    services(record),
    predictions,
    list([cost(record, moment), ...facts(record, moment)]),
    COMMANDS,
  );
}

function services({ services: own, changed = own, url, full }: PreviewRecord): string {
  const whose = (service: string): string => {
    if (full) return 'made from this pull request, stacks included';
    return changed.includes(service) ? 'changed by this pull request' : 'works together with what changed';
  };
  const rows = own.map((service) => [code(service), url, whose(service)]);
  return table(['service', 'where', ''], full ? rows : [...rows, ['all others', url, "staging's"]]);
}

function cost(record: PreviewRecord, { now }: Moment): string {
  const { hourlyCost, wakes = 0 } = record;
  const woken = wakes === 0 ? '' : `; woken ${wakes === 1 ? 'once' : `${wakes} times`}`;
  return `costs ${dollars(costSoFar(record, now))} so far, ${dollars(hourlyCost * 24)} for a day awake and next to nothing asleep (what it shares with staging not counted)${woken}`;
}

const facts = (record: PreviewRecord, { expiryDays }: Moment): readonly string[] => [
  record.full
    ? "tables, queues and buckets are its own, with synthetic rows; network, cluster and load balancer are staging's"
    : "tables of its services are its own, with synthetic rows; buckets are staging's, written below a prefix of its own",
  `is destroyed when the pull request is closed, or on ${time(expiresAt(record, expiryDays))} without a push or a visit`,
];

const COMMANDS = paragraphs(
  '<details><summary>Commands</summary>',
  list(VERBS.map((verb) => `\`/preview ${verb}\` or the label \`preview-${verb}\`: ${meaningOf(verb)}`)),
  '</details>',
).trimEnd();

function meaningOf(verb: (typeof VERBS)[number]): string {
  switch (verb) {
    case 'sleep':
      return 'stops its services until somebody asks for it';
    case 'wake':
      return 'starts them';
    case 'extend':
      return 'keeps it as if somebody had pushed';
    case 'destroy':
      return 'removes it; the next push makes a new one';
    case 'full':
      return "makes it from this pull request's own stacks, with every service";
  }
}

export function messageComment({
  number,
  heading,
  message,
  run,
}: {
  readonly number: number;
  readonly heading: string;
  readonly message: string;
  readonly run?: string;
}): string {
  return paragraphs(previewMarker(number), `### ${heading}`, plain(message), run && `[Run](${run})`);
}

export function closedComment({
  number,
  left,
  reason,
}: {
  readonly number: number;
  readonly left: readonly string[];
  readonly reason?: string;
}): string {
  return paragraphs(
    previewMarker(number),
    '### Preview destroyed',
    reason && `Because ${plain(reason)}.`,
    left.length === 0
      ? 'Nothing of it is left. Its address shows staging.'
      : `Left behind; the sweep tries again:\n\n${list(left.map(plain))}`,
  );
}

/** To the hour, in UTC. */
const time = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 13).replace('T', ' ')}:00 UTC`;
const dollars = (amount: number): string => (amount > 0 && amount < 0.01 ? 'less than $0.01' : `$${amount.toFixed(2)}`);
