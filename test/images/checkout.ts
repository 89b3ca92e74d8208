import { chmodSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../pipeline/manifest/types.ts';

/** A small repository with two services, a shared module, a plain and a native package. */
export interface Checkout {
  readonly root: string;
  readonly manifests: readonly [web: Manifest, scorer: Manifest];
  write(path: string, content: string | Uint8Array): void;
  remove(): void;
}

const MODULES = join(import.meta.dirname, '../../node_modules');
const COMMON = { description: 'For tests', entry: 'main.ts', builder: 'node', cpu: 256, memory: 512 } as const;
const WEB: Manifest = { ...COMMON, name: 'web', kind: 'web', port: 8080, health: '/health', routes: ['/*'] };
const SCORER: Manifest = { ...COMMON, name: 'scorer', kind: 'function', routes: ['/score'], assets: ['model/*'] };

const locked = (version: string, more: object = {}): object => ({ version, integrity: `sha512-${version}`, ...more });
const LOCKFILE = {
  lockfileVersion: 3,
  packages: {
    '': { name: 'fixture' },
    'node_modules/esbuild': locked('0.0.0'),
    'node_modules/plain': locked('1.0.0', { license: 'MIT' }),
    'node_modules/native': locked('2.0.0', { hasInstallScript: true, license: 'Apache-2.0' }),
  },
};

export const FILES: Readonly<Record<string, string>> = {
  'package.json': '{"type":"module","dependencies":{"native":"2.0.0","plain":"1.0.0"}}',
  'package-lock.json': JSON.stringify(LOCKFILE),
  'services/kit/shared.ts': "export const greeting: string = 'hello';\n",
  'services/web/main.ts':
    "import { greeting } from '../kit/shared.ts';\nimport { plain } from 'plain';\nconsole.log(greeting, plain);\n",
  'services/scorer/main.ts': "import native from 'native';\nconsole.log(native.answer);\n",
  'services/scorer/model/weights with spaces é.onnx': 'weights',
  'node_modules/plain/package.json': '{"name":"plain","version":"1.0.0","type":"module","main":"index.js"}',
  'node_modules/plain/index.js': "export const plain = 'plain';\n",
  'node_modules/native/package.json': '{"name":"native","version":"2.0.0","main":"index.js"}',
  'node_modules/native/index.js': 'exports.answer = 42;\n',
  'node_modules/native/index.d.ts': 'export const answer: number;\n',
  'node_modules/native/prebuilds/linux-x64/native.node': 'binary for linux x64',
  'node_modules/native/prebuilds/linux-arm64/native.node': 'binary for linux arm64',
  'node_modules/native/prebuilds/darwin-arm64/native.node': 'binary for macOS',
};

/** `modulesElsewhere`: node_modules is a link to another folder, as in the workflow runner. */
export async function createCheckout({ modulesElsewhere = false } = {}): Promise<Checkout> {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), 'slipway-checkout-')));
  const root = join(folder, 'checkout');
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), 0o600);
  };
  const modules = modulesElsewhere ? join(folder, 'elsewhere/node_modules') : join(root, 'node_modules');
  mkdirSync(modules, { recursive: true });
  mkdirSync(root, { recursive: true });
  if (modulesElsewhere) symlinkSync(modules, join(root, 'node_modules'));
  for (const [path, content] of Object.entries(FILES)) write(path, content);
  symlinkSync(join(MODULES, 'esbuild'), join(modules, 'esbuild'));
  return { root, manifests: [WEB, SCORER], write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
