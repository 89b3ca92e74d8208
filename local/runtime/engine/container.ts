import { setTimeout as sleep } from 'node:timers/promises';
import { createLineReader } from '../lines.ts';
import { type Container, type ContainerSpec, type Exit, ImageError } from '../runtime.ts';
import type { EngineClient } from './client.ts';
import type { Engine } from './find.ts';
import { createFrameReader } from './frames.ts';
import { removeContainer } from './leftovers.ts';
import { containerName, containerSettings, exitOf } from './settings.ts';

/** How long to wait for the last output of a container that has ended (ms). */
const LAST_OUTPUT = 500;
/** How long to wait for a container that was killed (ms); a busy machine takes its time to take one down. */
const KILL_LIMIT = 15_000;

export interface EnginePlace {
  readonly engine: Engine;
  readonly home: string;
}

interface Running {
  readonly kind: Engine['kind'];
  readonly client: EngineClient;
  readonly id: string;
  readonly path: string;
  readonly spec: ContainerSpec;
  /** Whether its end was asked for. */
  asked: boolean;
}

interface State {
  readonly State: { readonly Pid: number };
}

/** Creates a container in an engine, listens to it, starts it, and removes it when it has ended. Throws `ImageError` when the engine refuses. */
export async function startEngineContainer({ engine, home }: EnginePlace, spec: ContainerSpec): Promise<Container> {
  const { client, kind } = engine;
  const name = containerName(home, spec.id);
  const body = containerSettings(home, spec, engine.ulimits);
  const created = await explain(spec, () =>
    client.json<{ Id: string }>({ method: 'POST', path: '/containers/create', query: { name }, body }),
  );
  const running: Running = { kind, client, id: created.Id, path: `/containers/${created.Id}`, spec, asked: false };
  try {
    const output = await explain(spec, () => listen(running));
    await explain(spec, () => client.call({ method: 'POST', path: `${running.path}/start` }));
    const exited = watch(running, output);
    const { State } = await client.json<State>({ path: `${running.path}/json` }).catch(() => ({ State: { Pid: 0 } }));
    return { id: spec.id, pid: State.Pid, exited, stop: (timeout) => stop(running, exited, timeout) };
  } catch (error) {
    await removeContainer(client, created.Id).catch(() => undefined);
    throw error;
  }
}

async function explain<Value>({ image }: ContainerSpec, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ImageError(`the engine cannot start ${image}: ${message}`, { cause: error });
  }
}

/** Before the start, so that nothing is missed. Resolves once connected, to the end of the output. */
async function listen({ client, path, spec }: Running): Promise<{ readonly ended: Promise<void> }> {
  const query = { stream: '1', stdout: '1', stderr: '1' };
  const source = await client.attach({ method: 'POST', path: `${path}/attach`, query });
  const readers = {
    stdout: createLineReader((line) => spec.onOutput(line, 'stdout')),
    stderr: createLineReader((line) => spec.onOutput(line, 'stderr')),
  };
  source.on(
    'data',
    createFrameReader((stream, content) => readers[stream].write(content)),
  );
  source.on('error', () => source.destroy());
  const ended = new Promise<void>((resolve) => source.once('close', resolve)).then(() => {
    readers.stdout.end();
    readers.stderr.end();
  });
  return { ended };
}

async function watch(running: Running, output: { readonly ended: Promise<void> }): Promise<Exit> {
  // Podman answers a wait by looking again and again, which takes a processor core for a few containers. The output ends with the container.
  if (running.kind === 'podman') await output.ended;
  const exit = await waitForExit(running);
  await within(output.ended, LAST_OUTPUT);
  if (exit.signal === 'SIGKILL' && !running.asked) explainKill(running.spec);
  await removeContainer(running.client, running.id).catch(() => undefined);
  return exit;
}

/** Not every engine tells whether memory was the reason. */
function explainKill({ memory, onOutput }: ContainerSpec): void {
  if (memory)
    onOutput(`the container was killed, probably because it needs more than ${memory / 2 ** 20} MiB`, 'stderr');
}

async function waitForExit(running: Running): Promise<Exit> {
  const { client, path, spec } = running;
  try {
    const { StatusCode } = await client.json<{ StatusCode: number }>({ method: 'POST', path: `${path}/wait` });
    return exitOf(StatusCode);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!running.asked) spec.onOutput(`the container engine lost this container: ${message}`, 'stderr');
    return { code: null, signal: 'SIGKILL' };
  }
}

/** Never fails: a container that has just ended needs no signal, and one that the engine cannot end is as good as gone. */
async function stop(running: Running, exited: Promise<Exit>, timeout: number): Promise<Exit> {
  running.asked = true;
  await signal(running, 'SIGTERM');
  if (await within(exited, timeout)) return exited;
  await signal(running, 'SIGKILL');
  if (await within(exited, KILL_LIMIT)) return exited;
  await removeContainer(running.client, running.id).catch(() => undefined);
  return { code: null, signal: 'SIGKILL' };
}

async function signal({ client, path }: Running, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await client.call({ method: 'POST', path: `${path}/kill`, query: { signal: name } }).catch(() => undefined);
}

/** Whether the promise is fulfilled before so many milliseconds have passed. */
async function within(promise: Promise<unknown>, limit: number): Promise<boolean> {
  const patience = new AbortController();
  const late = sleep(limit, false, { signal: patience.signal }).catch(() => false);
  const inTime = await Promise.race([promise.then(() => true), late]);
  patience.abort();
  return inTime;
}
