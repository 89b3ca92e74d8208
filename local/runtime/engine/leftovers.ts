import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngineClient, type EngineClient } from './client.ts';
import { type Engine, findPodman } from './find.ts';
import { HOME_LABEL, homeMark } from './settings.ts';

/** Which engine runs containers of a local cloud: the next one may run in another mode, and `down` in none. */
interface EngineRecord {
  readonly kind: Engine['kind'];
  readonly socket: string;
}

const recordFile = (home: string): string => join(home, 'engine.json');

export function recordEngine(home: string, { kind, socket }: Engine): void {
  writeFileSync(recordFile(home), JSON.stringify({ kind, socket } satisfies EngineRecord));
}

/** Nothing of this local cloud is left in this engine. */
export function forgetEngine(home: string, { kind, socket }: Engine): void {
  const record = readRecord(home);
  if (record?.kind === kind && (kind === 'podman' || record.socket === socket)) rmSync(recordFile(home));
}

/** Removes this local cloud's containers from an engine, by their label. Returns how many ran. */
export async function reapContainers(home: string, client: EngineClient): Promise<number> {
  const filters = JSON.stringify({ label: [`${HOME_LABEL}=${homeMark(home)}`] });
  const query = { all: 'true', filters };
  const left = await client.json<{ Id: string; State: string }[]>({ path: '/containers/json', query });
  await Promise.all(left.map(({ Id }) => removeContainer(client, Id)));
  return left.filter(({ State }) => State === 'running').length;
}

/** Ends a container if it runs and removes it. */
export async function removeContainer(client: EngineClient, id: string): Promise<void> {
  await client.call({ method: 'DELETE', path: `/containers/${id}`, query: { force: 'true', v: 'true' } });
}

/**
 * Removes what a killed local cloud left in the engine that it used. An engine that does not answer runs nothing, so that is no failure; the record stays for the
 * next time.
 */
export async function reapRecordedEngine(home: string): Promise<number> {
  const record = readRecord(home);
  if (!record) return 0;
  const podman = record.kind === 'podman' ? await findPodman(home) : undefined;
  if (podman && 'reason' in podman) return 0;
  try {
    const ended = await reapContainers(home, podman?.client ?? createEngineClient(record.socket));
    rmSync(recordFile(home));
    return ended;
  } catch {
    return 0;
  } finally {
    await podman?.close();
  }
}

function readRecord(home: string): EngineRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(home), 'utf8')) as EngineRecord;
  } catch {
    return undefined;
  }
}
