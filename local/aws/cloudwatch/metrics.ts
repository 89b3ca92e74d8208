import type { Datapoint, Dimension, GetMetricStatisticsInput, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';

/** What one minute of a metric came to. */
interface Minute {
  readonly start: number;
  sum: number;
  count: number;
  least: number;
  most: number;
}

const MINUTE = 60_000;
/** Minutes that are kept; CloudWatch keeps them for 15 days. */
const KEPT = 24 * 60;

/** Numbers by minute, in memory: they do not outlive the local cloud. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ */
export function metricOperations({ now }: Pick<Cloud, 'now'>): Record<string, Operation> {
  const series = new Map<string, Minute[]>();
  return {
    PutMetricData({ Namespace = '', MetricData = [] }: Input<PutMetricDataInput>) {
      for (const { MetricName = '', Dimensions = [], Value, Values, Timestamp } of MetricData) {
        const key = keyOf(Namespace, MetricName, Dimensions);
        const minutes = series.get(key) ?? [];
        for (const value of Values ?? [Value ?? 0]) add(minutes, Timestamp?.getTime() ?? now(), value);
        series.set(key, minutes.slice(-KEPT));
      }
      return {};
    },
    GetMetricStatistics(input: Input<GetMetricStatisticsInput>) {
      const { Namespace = '', MetricName = '', Dimensions = [], Period = 0, StartTime, EndTime } = input;
      if (Period < 60 || Period % 60 !== 0)
        throw new AwsError('InvalidParameterValueException', 'The period has to be a multiple of 60 seconds.');
      const from = StartTime?.getTime() ?? 0;
      const to = EndTime?.getTime() ?? now();
      const minutes = series.get(keyOf(Namespace, MetricName, Dimensions)) ?? [];
      const wanted = minutes.filter(({ start }) => start >= from && start < to);
      return {
        Label: MetricName,
        Datapoints: gather(wanted, Period * 1000).map((point) => pick(point, input.Statistics)),
      };
    },
  };
}

const keyOf = (namespace: string, name: string, dimensions: readonly Dimension[]): string =>
  JSON.stringify([namespace, name, dimensions.map(({ Name, Value }) => `${Name}=${Value}`).toSorted()]);

function add(minutes: Minute[], time: number, value: number): void {
  const start = Math.floor(time / MINUTE) * MINUTE;
  const minute = minutes.find((one) => one.start === start);
  if (minute === undefined) minutes.push({ start, sum: value, count: 1, least: value, most: value });
  else {
    minute.sum += value;
    minute.count += 1;
    minute.least = Math.min(minute.least, value);
    minute.most = Math.max(minute.most, value);
  }
}

function gather(minutes: readonly Minute[], period: number): readonly Minute[] {
  const points = new Map<number, Minute>();
  for (const { start, sum, count, least, most } of minutes) {
    const from = Math.floor(start / period) * period;
    const point = points.get(from) ?? { start: from, sum: 0, count: 0, least, most };
    points.set(from, {
      ...{ start: from, sum: point.sum + sum, count: point.count + count },
      ...{ least: Math.min(point.least, least), most: Math.max(point.most, most) },
    });
  }
  return [...points.values()];
}

function pick({ start, sum, count, least, most }: Minute, statistics: readonly string[] = []): Datapoint {
  const all = { Sum: sum, SampleCount: count, Average: sum / count, Minimum: least, Maximum: most };
  const asked = Object.entries(all).filter(([name]) => statistics.includes(name));
  return { Timestamp: new Date(start), Unit: 'None', ...Object.fromEntries(asked) };
}
