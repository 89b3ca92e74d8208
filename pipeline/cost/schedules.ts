const HOURS: Readonly<Record<string, number>> = { minute: 1 / 60, hour: 1, day: 24 };
const HOURS_OF_A_DAY = 24;
const DAYS_OF_A_WEEK = 7;

/**
 * How often an EventBridge schedule runs in so many hours; undefined for one that nobody can tell in advance, such as `at(...)` or a cron expression with dates.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function runsIn(hours: number, expression: string): number | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined) return hours / (Number(count) * (HOURS[unit] ?? 0));
  const [minutes, hoursOfDay, dayOfMonth, month, dayOfWeek, year] =
    /^cron\((.*)\)$/.exec(expression)?.[1]?.split(/\s+/) ?? [];
  const everyDate = [dayOfMonth, month, year].every((field) => field === '*' || field === '?');
  const perDay = product(values(minutes, 60), values(hoursOfDay, HOURS_OF_A_DAY));
  const days = dayOfWeek === '?' ? DAYS_OF_A_WEEK : values(dayOfWeek, DAYS_OF_A_WEEK);
  const perWeek = product(perDay, days);
  return everyDate && perWeek !== undefined ? (hours / (HOURS_OF_A_DAY * DAYS_OF_A_WEEK)) * perWeek : undefined;
}

const product = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one * other;

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** How many values a field of a cron expression has, of so many. */
function values(field: string | undefined, of: number): number | undefined {
  if (field === undefined) return undefined;
  if (field === '*') return of;
  const counts = field.split(',').map((part) => {
    const step = /^(?:\*|0)\/(\d+)$/.exec(part)?.[1];
    if (step !== undefined) return Math.ceil(of / Number(step));
    const bounds = part.split('-').map((one) => (DAYS.includes(one) ? DAYS.indexOf(one) : Number(one)));
    const [first = Number.NaN, last = first] = bounds;
    return last - first + 1;
  });
  const sum = counts.reduce((total, count) => total + count, 0);
  return Number.isNaN(sum) ? undefined : sum;
}
