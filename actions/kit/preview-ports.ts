import { join } from 'node:path';
import { allBuckets } from '../../pipeline/manifest/access.ts';
import {
  bucketName,
  ledgerTableName,
  PREVIEW_PASSWORD_HEADER,
  type Project,
  previewHosts,
} from '../../pipeline/manifest/names.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import type { SendHttp } from '../../pipeline/ports/http.ts';
import { lazily } from '../../pipeline/ports/lazily.ts';
import type { ComparePredictions, Power, PreviewPorts, ProvisionPreview } from '../../pipeline/preview/ports.ts';
import { previewEnvironment } from '../../pipeline/preview/ports.ts';
import type { Progress } from '../../pipeline/release/ports.ts';
import { predictionsReport } from '../../pipeline/report/predictions.ts';
import { connectGitHub } from './github.ts';
import { connectPorts, type Surroundings } from './surroundings.ts';

interface Connecting {
  readonly surroundings: Surroundings;
  readonly token: string;
  readonly progress: Progress;
  /** Checkout of the pull request, whose manifests, seeds and golden requests count; nothing of it is executed. Default: the workspace. */
  readonly source?: string;
  /** Folder with stacks that another job synthesized from the pull request's own code; only for a full preview. */
  readonly synthesized?: string;
}

/** Everything outside that opening, closing and sweeping previews touches. */
export function connectPreviewPorts(connecting: Connecting): PreviewPorts {
  const { surroundings, token, progress } = connecting;
  const { root, project } = surroundings;
  const source = connecting.source ?? root;
  const options = { region: project.region };
  const github = connectGitHub(token, surroundings);
  const ports = connectPorts(surroundings, { history: github, progress });
  const power: Power = lazily(async () =>
    (await import('../../pipeline/ports/aws/preview-power.ts')).createPower(project, options),
  );
  return {
    ...ports,
    send: withPassword(ports.send, project),
    github,
    power,
    provision: connectProvision(connecting, source),
    inventory: lazily(async () => {
      const { createInventory } = await import('../../pipeline/ports/aws/inventory.ts');
      const buckets = allBuckets(await readManifests(source)).map(({ name }) => bucketName(project, 'staging', name));
      return createInventory(project, { buckets, power, clock: ports.clock });
    }),
    documents: lazily(async () => {
      const { createDocuments } = await import('../../pipeline/ports/aws/documents.ts');
      return createDocuments({ ...options, table: ledgerTableName(project.app) });
    }) as PreviewPorts['documents'],
    visits: lazily(async () =>
      (await import('../../pipeline/ports/aws/visits.ts')).createVisits(options, ports.clock.now),
    ),
    predictions: connectPredictions(source, { ...ports, send: withPassword(ports.send, project) }),
    async seedTables(environment, services) {
      const { createSeedTables } = await import('../../pipeline/ports/aws/seed-tables.ts');
      const manifests = await readManifests(source);
      return createSeedTables({ ...options, root: source, manifests })(environment, services);
    },
  };
}

function connectProvision(connecting: Connecting, source: string): ProvisionPreview {
  const { surroundings, progress } = connecting;
  const adopt = connectAdoption(connecting);
  return async ({ number, mode, place, services, full }) => {
    const stack = `preview-${previewEnvironment(number)}`;
    const variables = {
      SLIPWAY_PREVIEW: String(number),
      SLIPWAY_PREVIEW_PLACE: String(place),
      SLIPWAY_PREVIEW_SERVICES: services.join(','),
      SLIPWAY_SOURCE: source,
    };
    const [{ unlock }, { runProvision }] = await Promise.all([
      import('../../pipeline/provision/provision.ts'),
      import('./provision.ts'),
    ]);
    const environment = { ...process.env, SLIPWAY_REPOSITORY: surroundings.project.repository };
    // We hold the preview's lock, so this one is that of a run that died.
    const stale = await unlock({ root: surroundings.root, stack, environment });
    if (stale !== undefined) progress.line(`Broke the lock that ${stale.who} left on the state (${stale.created})`);
    const foreign = full && mode === 'apply' ? await adopt({ number, place, services }) : undefined;
    if (foreign?.ok === false) return foreign.problem;
    const own = foreign && { synthesized: true, output: foreign.output };
    const result = await runProvision({ stacks: [stack], mode, variables, ...own }, surroundings, progress);
    return result.ok ? undefined : result.problem;
  };
}

/** Every service of a checkout. Closing and commands need none of what it takes to read them. */
export async function readManifests(source: string): Promise<readonly Manifest[]> {
  const { loadManifests } = await import('../../pipeline/manifest/load.ts');
  return valueOrThrow(loadManifests(source));
}

/** Where previews ask for a password, the pipeline's own requests bring it. */
function withPassword(send: SendHttp, project: Project): SendHttp {
  let password: Promise<string | undefined> | undefined;
  return async (request) => {
    if (!new URL(request.url).hostname.includes(previewHosts(project).slice(1))) return send(request);
    password ??= import('../../pipeline/ports/aws/preview-password.ts').then((port) => port.readPassword(project));
    const known = await password;
    const headers: Record<string, string> = known === undefined ? {} : { [PREVIEW_PASSWORD_HEADER]: known };
    return send({ ...request, headers: { ...request.headers, ...headers } });
  };
}

/** Takes over what the pull request's own program synthesized, in a job without an identity. */
function connectAdoption({ surroundings: { project }, synthesized: folder }: Connecting) {
  return async (preview: { number: number; place: number; services: readonly string[] }) => {
    if (folder === undefined)
      return {
        ok: false,
        problem: 'A full preview needs the stacks of the pull request: input "synthesized"',
      } as const;
    const { adoptFullPreview } = await import('../../pipeline/preview/full/adopt.ts');
    return adoptFullPreview({ project, folder, ...preview });
  };
}

function connectPredictions(source: string, ports: Pick<PreviewPorts, 'send' | 'clock'>): ComparePredictions {
  return async ({ services, url, stagingUrl }) => {
    const [{ loadGoldenModels }, { comparePredictions }] = await Promise.all([
      import('../../pipeline/predictions/load.ts'),
      import('../../pipeline/predictions/check.ts'),
    ]);
    const models = valueOrThrow(loadGoldenModels(source, services));
    if (Object.keys(models).length === 0) return undefined;
    return predictionsReport(await comparePredictions({ models, oldUrl: stagingUrl, newUrl: url }, ports));
  };
}

/** Where the checkout of a pull request lies in the workspace. */
export const sourceFolder = ({ root }: Surroundings, path: string): string => join(root, path);
