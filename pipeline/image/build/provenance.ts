import type { LockedPackage } from './lockfile.ts';

export interface Origin {
  readonly repository: string;
  /** Digest of the image. */
  readonly digest: string;
  readonly service: string;
  readonly commit: string;
  readonly key: string;
  readonly platforms: readonly string[];
  readonly base: { readonly reference: string; readonly digest: string };
  readonly packages: readonly LockedPackage[];
  readonly source?: string;
  readonly builder?: string;
}

/**
 * Where an image comes from, as an in-toto statement with a SLSA provenance (https://slsa.dev/spec/v1.0/provenance). It is not signed:
 * who trusts the registry's writers trusts it. Pure.
 */
export function provenance(origin: Origin): object {
  const { repository, digest, service, commit, key, platforms, base, packages, source, builder } = origin;
  const sha256 = (value: string): object => ({ sha256: value.replace('sha256:', '') });
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: repository, digest: sha256(digest) }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:slipway:build:node:v1',
        externalParameters: {
          service,
          commit,
          platforms,
          base: base.reference,
          ...(source !== undefined && { source }),
        },
        internalParameters: { contentKey: key },
        resolvedDependencies: [
          { uri: `git+${source ?? 'urn:slipway:checkout'}@${commit}`, digest: { gitCommit: commit } },
          { uri: `oci://${base.reference}`, digest: sha256(base.digest) },
          ...packages.flatMap(({ name, version, integrity }) => {
            const [algorithm, value = ''] = (integrity ?? '').split('-');
            if (algorithm !== 'sha512') return [];
            const sha512 = Buffer.from(value, 'base64').toString('hex');
            return [{ uri: `pkg:npm/${name.replace('@', '%40')}@${version}`, digest: { sha512 } }];
          }),
        ],
      },
      runDetails: { builder: { id: builder ?? 'urn:slipway:builder:local' } },
    },
  };
}
