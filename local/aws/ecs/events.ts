import { randomUUID } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { ServiceRecord } from './records.ts';

/** ECS keeps the last hundred events of a service. */
const KEPT = 100;

export function addEvent(service: ServiceRecord, { now }: Pick<Cloud, 'now'>, message: string): ServiceRecord {
  const event = { id: randomUUID(), createdAt: now(), message };
  return { ...service, events: [event, ...service.events].slice(0, KEPT) };
}
