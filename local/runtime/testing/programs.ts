import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Container, ContainerSpec, Exit, Runtime } from '../runtime.ts';

export interface ProgramRuntime extends Runtime {
  /** Every container that was started, in order. */
  readonly started: readonly ContainerSpec[];
}

/** A runtime for tests of services: an image is a Node program, found by the end of its digest. */
export function createProgramRuntime(programs: Readonly<Record<string, string>>): ProgramRuntime {
  const started: ContainerSpec[] = [];
  return {
    mode: 'direct',
    limitations: 'for tests: programs run as plain processes',
    started,
    prepare: async (image) => void programOf(programs, image),
    reap: async () => 0,
    start: async (spec) => {
      started.push(spec);
      return run(programOf(programs, spec.image), spec);
    },
  };
}

function programOf(programs: Readonly<Record<string, string>>, image: string): string {
  const found = Object.entries(programs).find(([digest]) => image.endsWith(digest));
  if (!found) throw new Error(`CannotPullContainerError: ${image} not found`);
  return found[1];
}

function run(program: string, spec: ContainerSpec): Container {
  const child = spawn(process.execPath, ['-e', program], {
    env: { ...spec.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => spec.onOutput(line, stream));
  }
  const exited = new Promise<Exit>((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  return {
    id: spec.id,
    pid: child.pid ?? 0,
    exited,
    async stop(timeout) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };
}
