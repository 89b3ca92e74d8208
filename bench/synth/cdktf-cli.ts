import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const CLI_VERSION = '0.21.0';
const MINUTES = 60_000;

export type Installed =
  | { readonly ok: true; readonly binary: string }
  | { readonly ok: false; readonly problem: string };

/** Installs CDKTF's command line into a folder of its own: it is no dependency of this repository. */
export async function installCli(folder: string): Promise<Installed> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const parameters = ['install', `cdktf-cli@${CLI_VERSION}`, '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    await run('npm', parameters, { cwd: folder, timeout: 5 * MINUTES });
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
  // Its terminal has no build for this Node and platform, and `synth` never opens one.
  const terminal = join(folder, 'node_modules/@cdktf/node-pty-prebuilt-multiarch/lib/index.js');
  if (existsSync(terminal)) writeFileSync(terminal, 'module.exports = {};\n');
  return { ok: true, binary: join(folder, 'node_modules/.bin/cdktf') };
}
