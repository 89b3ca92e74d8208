import { type Contents, type Difference, differences, settingDifferences } from './contents.ts';
import type { MoveReason, Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { secretVersions } from './secrets.ts';
import { revisionContents, targetContents } from './target-contents.ts';
import type { Release } from './types.ts';

/** What a plan changes in one service. Secrets by version, never by value. */
export interface ServiceChange {
  readonly service: string;
  readonly reasons: readonly MoveReason[];
  readonly image: { readonly from?: NamedImage; readonly to: NamedImage };
  readonly environment: readonly Difference[];
  readonly secrets: readonly Difference[];
  readonly settings: readonly Difference[];
}

export interface NamedImage {
  readonly digest: string;
  /** Commit that first brought it here. */
  readonly commit?: string;
}

interface Looked {
  readonly headRelease: Release | undefined;
  /** Newest first. */
  readonly releases: readonly Release[];
}

/** Looks at what serves and at what would: reads only. */
export function changesOf(
  plan: Plan,
  looked: Looked,
  { inspect }: Pick<ReleasePorts, 'inspect'>,
): Promise<readonly ServiceChange[]> {
  return Promise.all(
    plan.moves.map(async (move) => {
      const { service, target } = move;
      const now = looked.headRelease?.services[service];
      const [before, after] = await Promise.all([
        now?.revision === undefined ? undefined : revisionContents(move.template, now.revision, inspect),
        targetContents(move, inspect),
      ]);
      const versions = await secretVersions(after?.secrets ?? {}, inspect);
      const named = (digest: string): NamedImage => nameImage(service, digest, looked.releases);
      return {
        service,
        reasons: move.reasons,
        image: {
          ...(now === undefined ? {} : { from: named(now.digest) }),
          to: { commit: target.commit, ...named(target.digest) },
        },
        ...compare(before, after),
        secrets: differences(shown(before?.secrets, now?.secrets), shown(after?.secrets, versions)),
      };
    }),
  );
}

function compare(before: Contents | undefined, after: Contents | undefined) {
  return {
    environment: differences(before?.environment ?? {}, after?.environment ?? {}),
    settings: before === undefined ? [] : settingDifferences(before.settings, after?.settings ?? {}),
  };
}

/** Environment variable -> `<name of the secret> <version>`. */
function shown(
  secrets: Readonly<Record<string, string>> = {},
  versions: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, from]) => [
      name,
      `${from.split(':')[6] ?? from} ${versions[name] ?? ''}`.trim(),
    ]),
  );
}

function nameImage(service: string, digest: string, releases: readonly Release[]): NamedImage {
  const first = releases.findLast((release) => release.services[service]?.digest === digest);
  return { digest, ...(first && { commit: first.commit }) };
}
