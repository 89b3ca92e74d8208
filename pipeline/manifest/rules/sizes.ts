import { fargateMemory } from '../fargate.ts';
import type { Manifest } from '../types.ts';
import type { Finding } from './finding.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LAMBDA_MAXIMUM = { memory: 10240, timeout: 900 };

export function fargateSize({ kind, cpu, memory }: Manifest): Finding[] {
  if (kind === 'function' || cpu === undefined) return [];
  const allowed = fargateMemory(cpu);
  if (allowed.includes(memory)) return [];
  const problem = `is not a size that Fargate offers with cpu ${cpu}`;
  return [{ field: 'memory', value: memory, problem, fix: `Use one of ${shorten(allowed)}, or another cpu` }];
}

const shorten = (values: readonly number[]): string =>
  values.length <= 4 ? values.join(', ') : `${values.slice(0, 3).join(', ')}, ... ${values.at(-1)}`;

export function lambdaSize(manifest: Manifest): Finding[] {
  if (manifest.kind !== 'function') return [];
  return (['memory', 'timeout'] as const)
    .filter((field) => (manifest[field] ?? 0) > LAMBDA_MAXIMUM[field])
    .map((field) => ({
      field,
      value: manifest[field],
      problem: `is more than Lambda allows (${LAMBDA_MAXIMUM[field]})`,
      fix: 'Lower it, or make the kind job',
    }));
}

export function scalingOrder({ scaling }: Manifest): Finding[] {
  if (scaling === undefined || scaling.minimum <= scaling.maximum) return [];
  const problem = `is above scaling.maximum (${scaling.maximum})`;
  return [{ field: 'scaling.minimum', value: scaling.minimum, problem, fix: 'Make minimum at most maximum' }];
}

export function scalingBacklog({ kind, scaling, owns, uses = [] }: Manifest): Finding[] {
  if (scaling === undefined) return [];
  const { backlog, minimum } = scaling;
  if (backlog === undefined) {
    if (minimum > 0) return [];
    const fix = 'Make it 1, or let a worker scale by its queue with scaling.backlog';
    return [{ field: 'scaling.minimum', value: 0, problem: 'needs something that starts a task again', fix }];
  }
  if (kind !== 'worker') {
    const problem = `does not belong to a ${kind}`;
    return [{ field: 'scaling.backlog', value: backlog, problem, fix: 'Remove it, or make the kind worker' }];
  }
  const received = uses.flatMap(({ queue, access }) => (queue !== undefined && access !== 'write' ? [queue] : []));
  const queues = [...(owns?.queues ?? []).map(({ name }) => name), ...received];
  if (queues.includes(backlog.queue)) return [];
  const fix = `Name a queue that it owns or reads (${queues.join(', ') || 'there is none'})`;
  return [{ field: 'scaling.backlog.queue', value: backlog.queue, problem: 'is not a queue of this worker', fix }];
}
