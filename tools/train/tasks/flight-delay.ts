import { isComplete, readDataset } from '../data.ts';
import type { Row, Task } from '../task.ts';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
/** The US Department of Transportation counts a flight as late from a quarter of an hour on. */
const LATE_MINUTES = 15;

/** Chance that a flight inside the USA is late, from when and how far it goes. */
export const flightDelay: Task = {
  name: 'flight-delay',
  version: '1',
  title: 'Flight delay',
  description: 'How likely a flight inside the USA is at least 15 minutes late, from when and how far it goes.',
  features: [
    {
      kind: 'number',
      name: 'departure_hour',
      title: 'Departure (hour of the day)',
      unit: 'h',
      minimum: 0,
      maximum: 24,
      step: 0.25,
    },
    { kind: 'number', name: 'distance', title: 'Distance', unit: 'miles', minimum: 30, maximum: 4962, step: 1 },
    {
      kind: 'choice',
      name: 'weekday',
      title: 'Day',
      choices: WEEKDAYS.map((title, value) => ({ title, value })),
    },
  ],
  output: { name: 'late_probability', title: 'Chance of a delay', unit: 'probability' },
  // A page that shows whole tenths is no other model.
  tolerance: { absolute: 0.06, relative: 0 },
  examples: [
    { title: 'First flight on Wednesday', values: [6, 800, 2] },
    { title: 'Friday evening', values: [21, 800, 4] },
  ],
  data: {
    source: 'US Bureau of Transportation Statistics, January to March 2001, through vega-datasets flights-20k.json',
    licence: 'US government data collected under 14 CFR part 234',
    url: 'https://www.transtats.bts.gov/',
  },
  rows,
  head: 'sigmoid',
  hidden: [16, 8],
  training: { epochs: 20, batchSize: 64, learningRate: 0.004, weightDecay: 0.01 },
};

function rows(): Row[] {
  return readDataset('flights-20k.json').flatMap((flight) => {
    const departure = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d)$/.exec(String(flight['date']))?.slice(1).map(Number);
    if (!departure) return [];
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = departure;
    const sundayFirst = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    const values = [hour + minute / 60, flight['distance'], (sundayFirst + 6) % 7];
    const target = [Number(flight['delay']) >= LATE_MINUTES ? 1 : 0];
    return isComplete(values) ? [{ values, target }] : [];
  });
}
