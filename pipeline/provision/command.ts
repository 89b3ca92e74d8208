import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called for every line of standard output while the program runs. */
  readonly onLine?: (line: string) => void;
}

export type CommandResult =
  | { readonly started: true; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly started: false; readonly reason: string };

/** The seam to other programs. */
export type Execute = (command: Command, signal?: AbortSignal) => Promise<CommandResult>;

/**
 * Runs a program to its end, in a process group of its own: Ctrl-C in a terminal would reach it a second time otherwise, and a
 * second interrupt makes Terraform give up without saving what it did. Aborting sends one SIGINT and waits.
 */
export const execute: Execute = ({ program, parameters, folder, environment, onLine }, signal) =>
  new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: string[] = [];
    const stderr: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout.push(line);
      onLine?.(line);
    });
    createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
    const interrupt = (): void => {
      child.kill('SIGINT');
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    const finish = (result: CommandResult): void => {
      signal?.removeEventListener('abort', interrupt);
      resolve(result);
    };
    child.once('error', (error) => finish({ started: false, reason: error.message }));
    child.once('close', (code) =>
      finish({ started: true, code: code ?? 1, stdout: stdout.join('\n'), stderr: stderr.join('\n') }),
    );
  });
