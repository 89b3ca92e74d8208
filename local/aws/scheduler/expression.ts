/** When a schedule fires. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
export type Expression =
  | { readonly type: 'rate'; readonly milliseconds: number }
  | { readonly type: 'at'; readonly local: string }
  | { readonly type: 'cron'; readonly fields: CronFields };

interface CronFields {
  readonly minute: ReadonlySet<number>;
  readonly hour: ReadonlySet<number>;
  readonly dayOfMonth: ReadonlySet<number>;
  readonly month: ReadonlySet<number>;
  /** 1 is Sunday. */
  readonly dayOfWeek: ReadonlySet<number>;
  readonly year: ReadonlySet<number>;
}

const MINUTE = 60_000;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: 60 * MINUTE, day: 1440 * MINUTE };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'dayOfMonth', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  { name: 'dayOfWeek', least: 1, most: 7, words: DAYS },
  { name: 'year', least: 1970, most: 2199, words: [] },
] as const;

/** Undefined for what is no schedule expression, or uses `L`, `W` or `#`, which are not played here. */
export function parseExpression(text: string): Expression | undefined {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(text);
  if (rate) return { type: 'rate', milliseconds: Number(rate[1]) * (UNITS[rate[2] ?? ''] ?? 0) };
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text);
  if (at) return Number.isNaN(Date.parse(`${at[1]}Z`)) ? undefined : { type: 'at', local: at[1] ?? '' };
  const cron = /^cron\(([^()]+)\)$/.exec(text)?.[1]?.trim().split(/\s+/);
  const sets = FIELDS.map((field, index) => parseField(cron?.[index] ?? '', field));
  if (cron?.length !== FIELDS.length || sets.some((set) => set === undefined)) return undefined;
  const fields = Object.fromEntries(FIELDS.map(({ name }, index) => [name, sets[index]]));
  return { type: 'cron', fields: fields as unknown as CronFields };
}

/** `*`, `?`, `5`, `1-5`, `0/15`, `MON-FRI`, and lists of them. */
function parseField(text: string, { least, most, words }: (typeof FIELDS)[number]): Set<number> | undefined {
  const values = new Set<number>();
  const names: readonly string[] = words;
  const read = (part: string): number => {
    const word = names.indexOf(part.toUpperCase());
    return word >= 0 ? word + least : /^\d+$/.test(part) ? Number(part) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from = '', to = part.includes('/') ? String(most) : from] = range.split('-');
    const [first, last] = range === '*' || range === '?' ? [least, most] : [read(from), read(to)];
    const by = Number(step);
    if (!(first >= least && last <= most && first <= last && Number.isInteger(by) && by >= 1)) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

/**
 * The first moment after `after` at which the schedule fires; undefined if it never does again. Times are milliseconds since the epoch. `started` is when the schedule was made:
 * rates count from there.
 */
export function nextTime(
  expression: Expression,
  { after, started, timezone }: { readonly after: number; readonly started: number; readonly timezone: string },
): number | undefined {
  if (expression.type === 'rate') {
    const { milliseconds } = expression;
    return started + (Math.floor(Math.max(0, after - started) / milliseconds) + 1) * milliseconds;
  }
  if (expression.type === 'at') {
    const moment = fromLocal(expression.local, timezone);
    return moment > after ? moment : undefined;
  }
  return nextCron(expression.fields, after, timezone);
}

/** Schedules that fire less often than this look as if they never fired. */
const HORIZON = 5 * 366 * 1440 * MINUTE;

function nextCron(fields: CronFields, after: number, timezone: string): number | undefined {
  const end = after + HORIZON;
  for (let time = (Math.floor(after / MINUTE) + 1) * MINUTE; time < end; ) {
    const local = new Date(`${toLocal(time, timezone)}Z`);
    const isDay =
      fields.year.has(local.getUTCFullYear()) &&
      fields.month.has(local.getUTCMonth() + 1) &&
      fields.dayOfMonth.has(local.getUTCDate()) &&
      fields.dayOfWeek.has(local.getUTCDay() + 1);
    const isHour = isDay && fields.hour.has(local.getUTCHours());
    if (isHour && fields.minute.has(local.getUTCMinutes())) return time;
    // To the next minute, or straight to the next hour if this one has nothing.
    time += isHour ? MINUTE : (60 - local.getUTCMinutes()) * MINUTE;
  }
  return undefined;
}

/** Wall clock time `YYYY-MM-DDTHH:MM:SS` in a time zone. */
function toLocal(time: number, timezone: string): string {
  if (timezone === 'UTC') return new Date(time).toISOString().slice(0, 19);
  return new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
    .format(time)
    .replace(' ', 'T');
}

function fromLocal(local: string, timezone: string): number {
  const guess = Date.parse(`${local}Z`);
  return guess - (Date.parse(`${toLocal(guess, timezone)}Z`) - guess);
}
