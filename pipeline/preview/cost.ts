import { priceOf } from '../cost/prices.ts';
import type { PreviewManifest } from './ports.ts';

/** Dollars for each hour that the services run: Spot tasks and their public addresses. Functions cost by the request, tables by what is in them. */
export const hourlyCost = (services: readonly Pick<PreviewManifest, 'kind' | 'cpu' | 'memory'>[]): number =>
  services
    .filter(({ kind }) => kind === 'web' || kind === 'worker')
    .reduce((sum, { cpu = 0, memory = 0 }) => sum + taskHour(cpu, memory), 0);

const taskHour = (cpu: number, memory: number): number =>
  (cpu / 1024) * priceOf('fargate.spot.x86.vcpu_h').usd +
  (memory / 1024) * priceOf('fargate.spot.x86.gb_h').usd +
  priceOf('ipv4.hour').usd;
