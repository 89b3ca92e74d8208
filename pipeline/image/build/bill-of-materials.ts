import { licensesOf } from './licenses.ts';
import type { LockedPackage } from './lockfile.ts';

/** One thing that an image holds. */
export interface Component {
  /** Where it was found: unique in the image. */
  readonly ref: string;
  readonly name: string;
  readonly version: string;
  /** https://github.com/package-url/purl-spec */
  readonly purl: string;
  /** What the package says: an SPDX identifier or expression, or other words. */
  readonly license?: string;
  /** As npm writes it: `sha512-<base64>`. */
  readonly integrity?: string;
}

export interface Materials {
  readonly service: string;
  /** Digest of the image below, where it is known. */
  readonly baseDigest?: string;
  readonly components: readonly Component[];
}

/**
 * Everything in an image as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/). Pure, and free of times, random ids and
 * whatever else changes although the packages do not: most builds find it in the registry. Which image it is about says the artifact.
 */
export function billOfMaterials({ service, baseDigest, components }: Materials): object {
  const byRef = new Map(components.map((one) => [one.ref, one]));
  const sorted = [...byRef.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  const base = baseDigest === undefined ? [] : [baseComponent(baseDigest)];
  const refs = [...base.map(() => 'base'), ...sorted.map(({ ref }) => ref)];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'container', 'bom-ref': service, name: service } },
    components: [...base, ...sorted.map(entryOf)],
    dependencies: [{ ref: service, dependsOn: refs }],
  };
}

/** A package of package-lock.json. */
export function npmComponent({ path, name, version, license, integrity }: LockedPackage): Component {
  return {
    ref: path,
    name,
    version,
    purl: npmUrl(name, version),
    ...(license !== undefined && { license }),
    ...(integrity !== undefined && { integrity }),
  };
}

export const npmUrl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function baseComponent(digest: string): object {
  const hashes = hashOf('SHA-256', digest.slice('sha256:'.length));
  return { type: 'container', 'bom-ref': 'base', name: 'base image', version: digest, hashes };
}

function entryOf({ ref, name, version, purl, license, integrity }: Component): object {
  const [algorithm = '', digest = ''] = (integrity ?? '').split('-');
  const hex = Buffer.from(digest, 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': ref,
    name,
    version,
    purl,
    ...(license !== undefined && { licenses: licensesOf(license) }),
    ...(algorithm === 'sha512' && { hashes: hashOf('SHA-512', hex) }),
  };
}

const hashOf = (alg: string, content: string): object[] => [{ alg, content }];
