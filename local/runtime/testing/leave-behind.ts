/** A local cloud that is about to be killed: starts a container, prints the container's pid and the guardian's, and waits. Arguments: home, image, mode. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRuntime } from '../create.ts';
import type { RuntimeMode } from '../runtime.ts';

const [home = '', image = '', mode] = process.argv.slice(2);
const runtime = await createRuntime({ home, mode: mode as RuntimeMode, log: () => undefined });
const output = Promise.withResolvers<void>();
const container = await runtime.start({ id: 'left-behind', image, environment: {}, onOutput: () => output.resolve() });
await output.promise;
console.log(JSON.stringify({ pid: container.pid, children: children() }));

function children(): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => pid !== container.pid && parentOf(pid) === process.pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
