import { setTimeout as sleep } from 'node:timers/promises';
import { createLineReader } from '../lines.ts';
import { type Container, type ContainerSpec, type Exit, ImageError } from '../runtime.ts';
import { type EngineClient, EngineError } from './client.ts';
import type { Engine } from './find.ts';
import { createFrameReader } from './frames.ts';
import { removeContainer } from './leftovers.ts';
import { containerName, containerSettings, exitOf } from './settings.ts';

/** How long to wait for the last output of a container that has ended (ms). */
const LAST_OUTPUT = 500;

export interface EnginePlace {
  readonly engine: Engine;
  readonly home: string;
}

interface Running {
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
  const { client } = engine;
  const name = containerName(home, spec.id);
  const body = containerSettings(home, spec, engine.ulimits);
  const created = await explain(spec, () =>
    client.json<{ Id: string }>({ method: 'POST', path: '/containers/create', query: { name }, body }),
  );
  const running: Running = { client, id: created.Id, path: `/containers/${created.Id}`, spec, asked: false };
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
  const exit = await waitForExit(running);
  const patience = new AbortController();
  await Promise.race([output.ended, sleep(LAST_OUTPUT, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  if (exit.signal === 'SIGKILL' && !running.asked) explainKill(running.spec);
  await removeContainer(running.client, running.id).catch(() => undefined);
  return exit;
}

/** Not every engine tells whether memory was the reason. */
function explainKill({ memory, onOutput }: ContainerSpec): void {
  if (memory)
    onOutput(`the container was killed, probably because it needs more than ${memory / 2 ** 20} MiB`, 'stderr');
}

async function waitForExit({ client, path, spec }: Running): Promise<Exit> {
  try {
    const { StatusCode } = await client.json<{ StatusCode: number }>({ method: 'POST', path: `${path}/wait` });
    return exitOf(StatusCode);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    spec.onOutput(`the container engine lost this container: ${message}`, 'stderr');
    return { code: null, signal: 'SIGKILL' };
  }
}

async function stop(running: Running, exited: Promise<Exit>, timeout: number): Promise<Exit> {
  let ended = false;
  const end = exited.then((exit) => {
    ended = true;
    return exit;
  });
  running.asked = true;
  await signal(running, 'SIGTERM');
  const patience = new AbortController();
  await Promise.race([end, sleep(timeout, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  if (!ended) await signal(running, 'SIGKILL');
  return end;
}

/** A container that has just ended (409) or was removed (404) needs no signal; an engine that is gone ends `exited` by itself. */
async function signal({ client, path }: Running, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await client.call({ method: 'POST', path: `${path}/kill`, query: { signal: name } }).catch((error: unknown) => {
    if (error instanceof EngineError && error.status >= 500 && !/not running|can only kill/i.test(error.message))
      throw error;
  });
}
