import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Git refused; the message holds what it said. */
export class GitError extends Error {
  readonly code: number;
  readonly output: string;
  constructor(message: string, { code, output }: { readonly code: number; readonly output: string }) {
    super(message);
    this.code = code;
    this.output = output;
  }
}

export interface GitOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Git that sees nothing of the developer's configuration: no hooks, no signing, no line-ending conversion. */
const UNCONFIGURED = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C.UTF-8',
} as const;

/** Runs git in a folder and returns what it prints. @throws GitError */
export async function git(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const child = spawn('git', ['-C', folder, ...args], {
    env: { ...Object.fromEntries(inherited), ...UNCONFIGURED, ...options.environment },
    stdio: 'pipe',
  });
  const started = once(child, 'spawn').catch((error: Error) => {
    throw new Error(`git cannot be started (${error.message}). Install git 2.38 or later.`);
  });
  // Git may end before it has read everything; its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const closed = once(child, 'close');
  const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr), started]);
  const [code] = await closed;
  if (code === 0) return output;
  throw new GitError(`git ${args[0]} failed: ${complaint.trim() || output.trim()}`, { code: Number(code), output });
}

/** A commit by any name that git knows; nothing when there is none. */
export async function resolveCommit(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])).trim();
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
