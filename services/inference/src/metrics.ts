/** Counts and times, as text for Prometheus and as a line for CloudWatch. */
import type { Log } from '../../kit/log.ts';
import type { Timing } from './batching/waiting.ts';

/** Upper bounds of the histograms, in milliseconds. */
const BOUNDS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000] as const;
const STAGES = ['queue', 'batch', 'compute'] as const;
/** Counting per model must not fill the memory; what comes later is counted together. */
const MAXIMUM_MODELS = 1000;
const OTHERS = 'others';
const MILLISECONDS = 1000;

interface Histogram {
  readonly counts: Float64Array;
  sum: number;
  total: number;
}

export interface Metrics {
  answered(model: string, rows: number, timing: Timing): void;
  /** A request that was not answered, and why in one word. */
  refused(model: string, why: string): void;
  /** @param gauges present values by name */
  toText(gauges: Readonly<Record<string, number>>): string;
  /** Writes what happened since the last time; nothing when nothing did. */
  logTo(log: Log, service: string): void;
}

export function createMetrics(): Metrics {
  const stages = { queue: histogram(), batch: histogram(), compute: histogram() };
  const requests = new Map<string, number>();
  /** Beyond one per request. */
  const furtherRows = new Map<string, number>();
  const refusals = new Map<string, number>();
  let reported = { requests: 0, refusals: 0, queue: 0, compute: 0 };

  const count = (counter: Map<string, number>, key: string, amount: number): void => {
    const known = counter.get(key);
    if (known === undefined && counter.size >= MAXIMUM_MODELS) counter.set(OTHERS, (counter.get(OTHERS) ?? 0) + amount);
    else counter.set(key, (known ?? 0) + amount);
  };

  return {
    answered(model, rows, timing) {
      count(requests, model, 1);
      if (rows !== 1) count(furtherRows, model, rows - 1);
      observe(stages.queue, timing.queue);
      observe(stages.batch, timing.shared.batch);
      observe(stages.compute, timing.shared.compute);
    },
    refused: (model, why) => count(refusals, `${model}\n${why}`, 1),
    toText(gauges) {
      const lines = ['# TYPE slipway_inference_stage_seconds histogram'];
      for (const stage of STAGES) lines.push(...showHistogram(stage, stages[stage]));
      lines.push('# TYPE slipway_inference_requests_total counter');
      for (const [model, value] of requests)
        lines.push(`slipway_inference_requests_total{model="${quote(model)}"} ${value}`);
      lines.push('# TYPE slipway_inference_rows_total counter');
      for (const [model, value] of requests)
        lines.push(`slipway_inference_rows_total{model="${quote(model)}"} ${value + (furtherRows.get(model) ?? 0)}`);
      lines.push('# TYPE slipway_inference_refused_total counter');
      for (const [key, value] of refusals) {
        const [model = '', why] = key.split('\n');
        lines.push(`slipway_inference_refused_total{model="${quote(model)}",why="${why ?? ''}"} ${value}`);
      }
      for (const [name, value] of Object.entries(gauges))
        lines.push(`# TYPE slipway_inference_${name} gauge`, `slipway_inference_${name} ${value}`);
      return `${lines.join('\n')}\n`;
    },
    logTo(log, service) {
      const now = {
        requests: stages.queue.total,
        refusals: [...refusals.values()].reduce((total, value) => total + value, 0),
        queue: stages.queue.sum,
        compute: stages.compute.sum,
      };
      const answered = now.requests - reported.requests;
      const refused = now.refusals - reported.refusals;
      if (answered + refused === 0) return;
      const mean = (sum: number): number =>
        answered === 0 ? 0 : Math.round((sum / answered) * MILLISECONDS) / MILLISECONDS;
      log.info('metrics', {
        ...embeddedMetrics(service),
        Answered: answered,
        Refused: refused,
        QueueMilliseconds: mean(now.queue - reported.queue),
        ComputeMilliseconds: mean(now.compute - reported.compute),
      });
      reported = now;
    },
  };
}

/** Names of models that SageMaker loads may hold anything that can be seen. */
const quote = (label: string): string => label.replace(/[\\"]/g, '\\$&');

function histogram(): Histogram {
  return { counts: new Float64Array(BOUNDS.length + 1), sum: 0, total: 0 };
}

function observe(target: Histogram, milliseconds: number): void {
  let bucket = 0;
  while (bucket < BOUNDS.length && milliseconds > (BOUNDS[bucket] as number)) bucket += 1;
  target.counts[bucket] = (target.counts[bucket] as number) + 1;
  target.sum += milliseconds;
  target.total += 1;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats: each bucket counts all that are smaller, too. */
function showHistogram(stage: string, { counts, sum, total }: Histogram): string[] {
  const name = 'slipway_inference_stage_seconds';
  let below = 0;
  const buckets = BOUNDS.map((bound, index) => {
    below += counts[index] as number;
    return `${name}_bucket{stage="${stage}",le="${bound / MILLISECONDS}"} ${below}`;
  });
  return [
    ...buckets,
    `${name}_bucket{stage="${stage}",le="+Inf"} ${total}`,
    `${name}_sum{stage="${stage}"} ${sum / MILLISECONDS}`,
    `${name}_count{stage="${stage}"} ${total}`,
  ];
}

/** CloudWatch makes metrics of a log line that says so: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function embeddedMetrics(service: string): Readonly<Record<string, unknown>> {
  const metric = (Name: string, Unit: string) => ({ Name, Unit });
  return {
    Service: service,
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: 'Slipway/Inference',
          Dimensions: [['Service']],
          Metrics: [
            metric('Answered', 'Count'),
            metric('Refused', 'Count'),
            metric('QueueMilliseconds', 'Milliseconds'),
            metric('ComputeMilliseconds', 'Milliseconds'),
          ],
        },
      ],
    },
  };
}
