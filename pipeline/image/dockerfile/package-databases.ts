import { type Component, npmUrl } from '../build/bill-of-materials.ts';

/** Reads what one kind of package manager leaves behind in an image. */
interface Database {
  /** Of the path in the image. */
  readonly where: RegExp;
  /** Pure. What is damaged names nothing. */
  read(text: string, path: string, distribution: string): readonly Component[];
}

const PYTHON = /(?:^|\/)[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$/;
const NPM = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@]+\/package\.json$/;

const DATABASES: readonly Database[] = [
  { where: /^var\/lib\/dpkg\/(?:status|status\.d\/[^/]+)$/, read: debian },
  { where: /^(?:usr\/)?lib\/apk\/db\/installed$/, read: alpine },
  { where: PYTHON, read: python },
  { where: NPM, read: npm },
];

const OS_RELEASE = /^(?:etc|usr\/lib)\/os-release$/;

/** Whether a file of an image says something about its packages. */
export const isDatabase = (path: string): boolean =>
  OS_RELEASE.test(path) || DATABASES.some(({ where }) => where.test(path));

/** The packages that the files name. Pure. */
export function componentsIn(files: ReadonlyMap<string, string>): Component[] {
  const release = [...files].find(([path]) => OS_RELEASE.test(path))?.[1] ?? '';
  const distribution = /^ID="?([\w.-]+)"?$/m.exec(release)?.[1] ?? 'unknown';
  return [...files].flatMap(([path, text]) => {
    const database = DATABASES.find(({ where }) => where.test(path));
    return database?.read(text, path, distribution) ?? [];
  });
}

/** https://man7.org/linux/man-pages/man5/deb822.5.html */
function debian(text: string, path: string, distribution: string): Component[] {
  return paragraphs(text, /^([\w-]+): (.*)$/gm).flatMap(({ Package: name, Version: version, Architecture, Status }) => {
    const installed = Status === undefined || Status.endsWith(' installed');
    if (name === undefined || version === undefined || !installed) return [];
    const purl = `pkg:deb/${distribution}/${encode(name)}@${encode(version)}?arch=${Architecture ?? 'all'}`;
    return [{ ref: `${path}#${name}:${Architecture ?? 'all'}`, name, version, purl }];
  });
}

/** https://wiki.alpinelinux.org/wiki/Apk_spec */
function alpine(text: string, path: string, distribution: string): Component[] {
  return paragraphs(text, /^(\w):(.*)$/gm).flatMap(({ P: name, V: version, A, L: license }) => {
    if (name === undefined || version === undefined) return [];
    const purl = `pkg:apk/${distribution}/${encode(name)}@${encode(version)}?arch=${A ?? 'noarch'}`;
    return [{ ref: `${path}#${name}`, name, version, purl, ...(license !== undefined && { license }) }];
  });
}

/** https://packaging.python.org/en/latest/specifications/core-metadata/ */
function python(text: string, path: string): Component[] {
  const [head] = paragraphs(text, /^([\w-]+): (.*)$/gm);
  const { Name: name, Version: version, 'License-Expression': license } = head ?? {};
  if (name === undefined || version === undefined) return [];
  const purl = `pkg:pypi/${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}@${encode(version)}`;
  return [{ ref: path, name, version, purl, ...(license !== undefined && { license }) }];
}

function npm(text: string, path: string): Component[] {
  try {
    const { name, version, license } = JSON.parse(text) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof version !== 'string') return [];
    const purl = npmUrl(name, version);
    return [{ ref: path, name, version, purl, ...(typeof license === 'string' && { license }) }];
  } catch {
    return [];
  }
}

/** Fields of paragraphs that an empty line separates. */
function paragraphs(text: string, field: RegExp): Readonly<Record<string, string | undefined>>[] {
  return text
    .split(/\r?\n\r?\n/)
    .map((paragraph) =>
      Object.fromEntries([...paragraph.matchAll(field)].map(([, name = '', value = '']) => [name, value.trim()])),
    );
}

const encode = (text: string): string => encodeURIComponent(text);
