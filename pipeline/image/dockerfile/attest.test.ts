import { basesOf } from './attest.ts';
import { componentsIn, isDatabase } from './package-databases.ts';

test('bases are what a Dockerfile starts from, its own stages excepted', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const dockerfile = `# FROM commented
FROM --platform=$BUILDPLATFORM docker.io/library/python:3.11-slim AS built
FROM built AS tested
from scratch
FROM docker.io/library/debian:12@${digest}
COPY --from=built /a /a
`;
  expect(basesOf(dockerfile)).toEqual([
    { reference: 'docker.io/library/python:3.11-slim' },
    { reference: `docker.io/library/debian:12@${digest}`, digest },
  ]);
});

const DPKG = `Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u1

Package: gone
Status: deinstall ok config-files
Version: 1
`;
const APK = 'P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\n\nP:busybox\nV:1.36\nA:x86_64\nL:GPL-2.0-only\n';
const METADATA = 'Metadata-Version: 2.4\nName: Flask_Login\nVersion: 3.0\nLicense-Expression: MIT\n\nName: not this\n';

test.each([
  ['Debian', 'var/lib/dpkg/status', DPKG, ['pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64']],
  [
    'distroless',
    'var/lib/dpkg/status.d/tzdata',
    'Package: tzdata\nVersion: 1:2\n',
    ['pkg:deb/debian/tzdata@1%3A2?arch=all'],
  ],
  [
    'Alpine',
    'lib/apk/db/installed',
    APK,
    ['pkg:apk/debian/musl@1.2.4-r2?arch=x86_64', 'pkg:apk/debian/busybox@1.36?arch=x86_64'],
  ],
  [
    'Python',
    'usr/lib/python3/site-packages/flask_login-3.0.dist-info/METADATA',
    METADATA,
    ['pkg:pypi/flask-login@3.0'],
  ],
  [
    'npm',
    'app/node_modules/@a/b/package.json',
    '{"name":"@a/b","version":"1.0.0","license":"MIT"}',
    ['pkg:npm/%40a/b@1.0.0'],
  ],
  ['a damaged file', 'app/node_modules/x/package.json', '{', []],
])('packages of %s are named', (_name, path, text, purls) => {
  expect(isDatabase(path)).toBe(true);
  const files = new Map([
    ['etc/os-release', 'NAME="Debian"\nID=debian\n'],
    [path, text],
  ]);
  expect(componentsIn(files).map(({ purl }) => purl)).toEqual(purls);
});

test.each(['app/package.json', 'node_modules/x/lib/package.json', 'var/lib/dpkg/status-old'])(
  '%s is no list of packages',
  (path) => expect(isDatabase(path)).toBe(false),
);
