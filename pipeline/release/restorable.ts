import { messageOf } from './failure.ts';
import type { Observed } from './observe.ts';
import type { TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { findSecrets } from './secrets.ts';
import { wasLive } from './target.ts';
import { targetContents } from './target-contents.ts';
import type { Release } from './types.ts';

/** An earlier release, and whether it can be brought back. */
export interface Restorable {
  readonly release: Pick<Release, 'id' | 'commit' | 'createdAt'>;
  /** Empty: everything that it takes is still there. */
  readonly missing: readonly string[];
}

const OFFERED = 5;

/** The newest releases that were healthy, each proven: images, revisions and their secrets are looked up, not assumed. */
export async function restorableReleases(
  environment: string,
  { releases }: Pick<Observed, 'releases'>,
  ports: Pick<ReleasePorts, 'templates' | 'images' | 'inspect' | 'moverFor'>,
): Promise<readonly Restorable[]> {
  const candidates = releases.filter((release) => wasLive(release) && release.kind === 'deploy').slice(0, OFFERED);
  if (candidates.length === 0) return [];
  const templates = await ports.templates.load(environment);
  return Promise.all(
    candidates.map(async (release) => ({ release, missing: await missingOf(release, templates, ports) })),
  );
}

/** What can be brought back, in a sentence. */
export function offer(offered: readonly Restorable[]): string {
  const whole = offered.filter(({ missing }) => missing.length === 0).map(({ release }) => release);
  const list = whole.map(({ id, commit }) => `${id} (commit ${commit.slice(0, 7)})`).join(', ');
  return `what can be brought back: ${list || 'nothing'}`;
}

async function missingOf(
  release: Release,
  templates: TemplatesByService,
  { images, inspect, moverFor }: Pick<ReleasePorts, 'images' | 'inspect' | 'moverFor'>,
): Promise<readonly string[]> {
  const problems = await Promise.all(
    Object.entries(release.services).map(async ([service, { digest, revision }]) => {
      const template = templates[service]?.template;
      if (template === undefined) return [];
      const target = { digest, commit: release.commit, ...(revision && { revision }) };
      try {
        const [exists, problem, contents] = await Promise.all([
          images.exists(template.repositoryUrl, digest),
          moverFor(template).prove(target),
          targetContents({ template, target }, inspect),
        ]);
        const { problems } = await findSecrets(contents?.secrets ?? {}, inspect);
        const found = [...(exists ? [] : ['its image is gone']), ...(problem ? [problem] : []), ...problems];
        return found.map((one) => `${service}: ${one}`);
      } catch (error) {
        return [`${service}: ${messageOf(error)}`];
      }
    }),
  );
  return problems.flat();
}
