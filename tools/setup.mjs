// The one file that runs before anything is installed: any Node >= 20, no imports from node_modules.
// `node tools/setup.mjs FILE [ARGUMENT...]` installs the locked dependencies if they are missing or out of date, then runs FILE with
// the pinned Node 24 that came with them. Signals and the exit code pass through.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = join(root, 'node_modules', '.slipway-lock');
const turnstile = join(root, '.slipway-installing');

/** What an installation depends on; a new script in package.json is no reason to install again. */
function lockHash() {
  const { dependencies, devDependencies, optionalDependencies, overrides, workspaces } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const wanted = JSON.stringify([dependencies, devDependencies, optionalDependencies, overrides, workspaces]);
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(wanted)
    .digest('hex');
}

function installed(hash) {
  return existsSync(marker) && readFileSync(marker, 'utf8') === hash;
}

/** Two commands that start at the same time install once. Whoever comes second waits, unless the first was killed. */
async function installOnce(hash) {
  for (let tries = 1; !enter(); tries += 1) {
    // The first try also clears away what a killed installation left.
    if (tries === 2) {
      process.stderr.write(
        `Another command is installing (process ${readHolder()}); waiting. If there is none, delete ${turnstile}\n`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (!installed(hash)) install(hash);
  } finally {
    rmSync(turnstile, { force: true });
  }
}

function enter() {
  try {
    writeFileSync(turnstile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isAlive(readHolder())) rmSync(turnstile, { force: true });
  return false;
}

function readHolder() {
  try {
    return Number(readFileSync(turnstile, 'utf8'));
  } catch {
    return 0;
  }
}

/** Whoever has just entered may not have written its process id yet. */
function isAlive(pid) {
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function install(hash) {
  const started = Date.now();
  process.stderr.write('Installing dependencies (once; about a minute) ...\n');
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    process.stderr.write('npm ci failed. Check the network and run the same command again: it starts over cleanly.\n');
    rmSync(turnstile, { force: true });
    process.exit(result.status ?? 1);
  }
  writeFileSync(marker, hash);
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`);
}

function pinnedNode() {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  process.stderr.write(
    `No pinned Node 24 for ${process.platform}/${process.arch}, and this Node is ${process.versions.node}. Install Node 24 and try again.\n`,
  );
  process.exit(1);
}

const [file, ...args] = process.argv.slice(2);
const hash = lockHash();
if (!installed(hash)) await installOnce(hash);

const node = pinnedNode();
const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
const child = spawn(node, ['--disable-warning=ExperimentalWarning', file, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
});
// The terminal sends Ctrl-C to the whole group already; what arrives here by kill is passed on, and the child decides when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGKILL' ? 9 : 15);
});
