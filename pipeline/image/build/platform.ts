import type { Kind } from '../../manifest/types.ts';
import type { Platform } from '../registry/oci.ts';
import type { BuildRequest, PlatformName } from './types.ts';

const DEFAULT_PLATFORM: PlatformName = 'linux/amd64';

const OPERATING_SYSTEMS: readonly string[] = [
  'linux',
  'darwin',
  'win32',
  'windows',
  'macos',
  'android',
  'freebsd',
  'openbsd',
  'sunos',
  'aix',
];
const PROCESSORS: readonly string[] = [
  'x64',
  'amd64',
  'arm64',
  'aarch64',
  'arm',
  'armv7',
  'ia32',
  'x86',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
];
const C_LIBRARIES: readonly string[] = ['glibc', 'gnu', 'musl', 'musleabihf', 'gnueabihf'];

/** What a service is built for: a function for one platform, because Lambda takes no index. */
export function wantedPlatforms(
  { platforms = [] }: Pick<BuildRequest, 'platforms'>,
  kind: Kind,
): readonly PlatformName[] {
  const wanted = platforms.length === 0 ? [DEFAULT_PLATFORM] : [...new Set(platforms)];
  return kind === 'function' ? wanted.slice(0, 1) : wanted;
}

export function platformOf(name: PlatformName): Platform {
  return { os: 'linux', architecture: name === 'linux/arm64' ? 'arm64' : 'amd64' };
}

/** The names that npm and Node have for a platform. */
export function platformNames(name: PlatformName): {
  readonly os: 'linux';
  readonly cpu: 'arm64' | 'x64';
  readonly libc: 'glibc';
} {
  return { os: 'linux', cpu: name === 'linux/arm64' ? 'arm64' : 'x64', libc: 'glibc' };
}

/**
 * Whether a file of a package may be loaded on `platform`, judged by the folders it lies in: `bin/napi-v6/darwin/arm64` and
 * `prebuilds/linux-x64` name platforms, `lib/linux-utils` does not.
 */
export function fitsPlatform(path: string, platform: PlatformName): boolean {
  const { cpu } = platformNames(platform);
  const allowed = ['linux', 'glibc', 'gnu', ...(cpu === 'x64' ? ['x64', 'amd64'] : ['arm64', 'aarch64'])];
  return path.split('/').every((segment) => {
    const words = segment.split(/[-+]/);
    const names = [...OPERATING_SYSTEMS, ...PROCESSORS, ...C_LIBRARIES];
    return !words.every((word) => names.includes(word)) || words.every((word) => allowed.includes(word));
  });
}
