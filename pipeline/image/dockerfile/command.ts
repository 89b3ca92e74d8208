import { spawn } from 'node:child_process';

export interface Command {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly ok: boolean;
  /** The end of what the program said, both streams. */
  readonly output: string;
}

const KEPT_CHARACTERS = 4000;

/** Runs a program to its end. A program that is not installed is a failure like any other. */
export function run({ command, environment }: Command): Promise<Outcome> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}
