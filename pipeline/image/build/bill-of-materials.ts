import type { LockedPackage } from './lockfile.ts';

export interface Materials {
  readonly service: string;
  readonly key: string;
  readonly baseDigest: string;
  /** Packages in the bundle and beside it. */
  readonly packages: readonly LockedPackage[];
}

/** Everything in an image as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/). Pure, and free of times and random ids. */
export function billOfMaterials({ service, key, baseDigest, packages }: Materials): object {
  const byPath = new Map(packages.map((one) => [one.path, one]));
  const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'container', 'bom-ref': service, name: service, version: key } },
    components: [
      {
        type: 'container',
        'bom-ref': 'base',
        name: 'base image',
        version: baseDigest,
        hashes: hashOf('SHA-256', baseDigest.slice(7)),
      },
      ...sorted.map(component),
    ],
    dependencies: [{ ref: service, dependsOn: ['base', ...sorted.map(({ path }) => path)] }],
  };
}

function component({ path, name, version, license, integrity }: LockedPackage): object {
  const [algorithm = '', digest = ''] = (integrity ?? '').split('-');
  const hex = Buffer.from(digest, 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': path,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license !== undefined && {
      licenses: [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }],
    }),
    ...(algorithm === 'sha512' && { hashes: hashOf('SHA-512', hex) }),
  };
}

const hashOf = (alg: string, content: string): object[] => [{ alg, content }];
