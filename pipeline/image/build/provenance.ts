import { npmUrl } from './bill-of-materials.ts';
import type { LockedPackage } from './lockfile.ts';

export interface Origin {
  /** Which builder: it says what the parameters mean. */
  readonly buildType: 'node' | 'dockerfile';
  readonly repository: string;
  /** Digest of the image. */
  readonly digest: string;
  readonly service: string;
  readonly commit: string;
  readonly key: string;
  readonly platforms: readonly string[];
  /** Images that it is made from. */
  readonly bases: readonly { readonly reference: string; readonly digest?: string }[];
  readonly packages?: readonly LockedPackage[];
  readonly source?: string;
  readonly builder?: string;
  /** Which run of the builder. */
  readonly invocation?: string;
}

interface Dependency {
  readonly uri: string;
  readonly digest?: Readonly<Record<string, string>>;
}

/**
 * Where an image comes from, as an in-toto statement with a SLSA provenance (https://slsa.dev/spec/v1.0/provenance). It is not signed:
 * who trusts the registry's writers trusts it. Pure.
 */
export function provenance(origin: Origin): object {
  const { buildType, repository, digest, service, commit, key, platforms, bases, source, builder, invocation } = origin;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: repository, digest: sha256(digest) }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: `urn:slipway:build:${buildType}:v1`,
        externalParameters: {
          service,
          commit,
          platforms,
          bases: bases.map(({ reference }) => reference),
          ...(source !== undefined && { source }),
        },
        internalParameters: { contentKey: key },
        resolvedDependencies: dependenciesOf(origin),
      },
      runDetails: {
        builder: { id: builder ?? 'urn:slipway:builder:local' },
        ...(invocation !== undefined && { metadata: { invocationId: invocation } }),
      },
    },
  };
}

function dependenciesOf({ commit, bases, packages = [], source }: Origin): Dependency[] {
  const images = bases.map(({ reference, digest }) => ({
    uri: `oci://${reference}`,
    ...(digest !== undefined && { digest: sha256(digest) }),
  }));
  const locked = packages.flatMap(({ name, version, integrity }) => {
    const [algorithm, value = ''] = (integrity ?? '').split('-');
    if (algorithm !== 'sha512') return [];
    return [{ uri: npmUrl(name, version), digest: { sha512: Buffer.from(value, 'base64').toString('hex') } }];
  });
  const sources = { uri: `git+${source ?? 'urn:slipway:checkout'}@${commit}`, digest: { gitCommit: commit } };
  return [sources, ...images, ...locked];
}

const sha256 = (digest: string): { sha256: string } => ({ sha256: digest.replace('sha256:', '') });
