import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CallOptions } from '../../local/cli/cloud/client.ts';
import type { TestHome } from './home.ts';

/** Calls the local cloud's own door, as the command line does. */
export async function call<Result>(
  home: TestHome,
  method: string,
  parameters: object = {},
  options: CallOptions = {},
): Promise<Result> {
  const result = await home.cloud().client.call<Result>(method, parameters, options);
  if (!result.ok) throw new Error(`${method}: ${result.bug ?? result.message}`);
  return result.value;
}

/** Runs git in the local GitHub's bare repository. */
export async function git(home: TestHome, words: readonly string[]): Promise<string> {
  const folder = join(home.folder, 'github', 'repository.git');
  const { stdout } = await promisify(execFile)('git', ['--git-dir', folder, ...words]);
  return stdout.trim();
}

const PATIENCE = 150_000;

/** Resolves when something is so. What cannot be asked yet (no server, no table) is not so. Gives up long after a person would. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    try {
      if (await isSo()) return;
    } catch {
      // Not yet.
    }
    await sleep(20);
  }
  throw new Error(`it never came to this: ${isSo}`);
}
