import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Entry, EXECUTABLE, type FileEntry, fileEntry } from '../../pipeline/image/layer/entries.ts';

/** What programs load while they run, beside what they are linked with: name resolution and real-time functions. */
const LOADED_LATER = ['librt.so.1', 'libresolv.so.2', 'libnss_dns.so.2', 'libnss_files.so.2'];
const CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];

/** This machine's C library and what else the binaries are linked with, each where the loader looks for it. */
export function hostLibraries(...binaries: readonly string[]): FileEntry[] {
  const said = execFileSync('ldd', binaries, { encoding: 'utf8' });
  const linked = [...said.matchAll(/^\s+(?:\S+ => )?(\/\S+\.so\S*)/gm)].map(([, path = '']) => path);
  const libc = linked.find((path) => path.includes('/libc.so'));
  if (libc === undefined)
    throw new Error(`${binaries.join(' and ')} are not linked with glibc on this machine; a stand-in base needs that`);
  const later = LOADED_LATER.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path));
  return [...new Set([...linked, ...later])].map((path) => ({
    ...fileEntry(path.slice(1), realpathSync(path)),
    mode: EXECUTABLE,
  }));
}

/** The files of a system without a package manager: certificates, users, where names are looked up. */
export function systemFiles(): Entry[] {
  const certificates = CERTIFICATES.find((path) => existsSync(path));
  return [
    textFile('etc/passwd', 'root:x:0:0:root:/root:/sbin/nologin\nnode:x:1000:1000::/home/node:/sbin/nologin\n'),
    textFile('etc/group', 'root:x:0:\nnode:x:1000:\n'),
    textFile('etc/nsswitch.conf', 'hosts: files dns\n'),
    { type: 'directory', path: 'tmp', mode: 0o1777 },
    { type: 'directory', path: 'home/node', owner: 1000 },
    ...(certificates === undefined ? [] : [fileEntry('etc/ssl/certs/ca-certificates.crt', realpathSync(certificates))]),
  ];
}

const textFile = (path: string, text: string): Entry => ({ type: 'file', path, content: Buffer.from(text) });
