import { allBuckets } from '../../pipeline/manifest/access.ts';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { bucketName } from '../../pipeline/manifest/names.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import { lazily } from '../../pipeline/ports/lazily.ts';
import type { Inventory, PreviewPorts, ProvisionPreview } from '../../pipeline/preview/ports.ts';
import { previewEnvironment } from '../../pipeline/preview/ports.ts';
import type { Progress } from '../../pipeline/release/ports.ts';
import { connectGitHub } from './github.ts';
import { runProvision } from './provision.ts';
import { connectPorts, type Surroundings } from './surroundings.ts';

interface Connecting {
  readonly surroundings: Surroundings;
  readonly token: string;
  readonly progress: Progress;
}

/** Everything outside that opening, closing and sweeping previews touches. */
export function connectPreviewPorts({ surroundings, token, progress }: Connecting): PreviewPorts {
  const github = connectGitHub(token, surroundings);
  return {
    ...connectPorts(surroundings, { history: github, progress }),
    github,
    provision: connectProvision(surroundings, progress),
    inventory: connectInventory(surroundings),
  };
}

function connectProvision(surroundings: Surroundings, progress: Progress): ProvisionPreview {
  return async ({ number, mode }) => {
    const stacks = [`preview-${previewEnvironment(number)}`];
    const variables = { SLIPWAY_PREVIEW: String(number) };
    const result = await runProvision({ stacks, mode, variables }, surroundings, progress);
    return result.ok ? undefined : result.problem;
  };
}

function connectInventory({ root, project }: Surroundings): Inventory {
  return lazily(async () => {
    const buckets = allBuckets(valueOrThrow(loadManifests(root))).map(({ name }) =>
      bucketName(project, 'staging', name),
    );
    return (await import('../../pipeline/ports/aws/inventory.ts')).createInventory(project, buckets);
  });
}
