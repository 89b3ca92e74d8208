/**
 * `node tools/get-newer-docker.ts`: unpacks Docker 26.1 and buildx of Debian 13 into a folder, for `npm run bench -- images` and `npm run test:peers`. Nothing is installed, and what is
 * installed stays as it is. The packages come from the mirror that this machine has for Debian, and apt verifies them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOW_TO_GET_IT, hasNewerDocker, NEWER_DOCKER } from './newer-docker.ts';

const RELEASE = 'trixie';
const PACKAGES = ['docker.io', 'docker-cli', 'docker-buildx', 'containerd'];
const SOURCES = '/etc/apt/sources.list.d/debian.sources';

function mirror(): string {
  const found = /^URIs: *(\S+)/m.exec(readFileSync(SOURCES, 'utf8'))?.[1];
  if (found === undefined) throw new Error(`${SOURCES} names no mirror`);
  return found;
}

function get(folder: string): void {
  const apt = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial', 'parts'])
    mkdirSync(join(apt, part), { recursive: true });
  const sources = join(apt, 'newer.sources');
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(sources, `Types: deb\nURIs: ${mirror()}\nSuites: ${RELEASE}\nComponents: main\nSigned-By: ${key}\n`);
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': join(apt, 'parts'),
    'Dir::Etc::preferencesparts': join(apt, 'parts'),
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  for (const command of [['update'], ['download', ...PACKAGES]])
    execFileSync('apt-get', ['--quiet=2', ...options, ...command], { cwd: folder, stdio: 'inherit' });
  // It appears whole or not at all.
  const unfinished = `${NEWER_DOCKER}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg', ['--extract', join(folder, file), unfinished]);
  rmSync(NEWER_DOCKER, { recursive: true, force: true });
  renameSync(unfinished, NEWER_DOCKER);
}

if (hasNewerDocker()) console.log(`Docker 26.1 is in ${NEWER_DOCKER} already`);
else {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-docker-'));
  try {
    get(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (!hasNewerDocker()) throw new Error(HOW_TO_GET_IT);
  console.log(`Docker 26.1 is in ${NEWER_DOCKER}`);
}
