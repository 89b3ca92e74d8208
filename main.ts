/**
 * Synthesizes the stacks: `node main.ts`, the command that cdktf.json names, too. SLIPWAY_STACKS=<ids, comma-separated> limits the work to
 * some stacks. SLIPWAY_PREVIEW=<n> adds the preview of a pull request, with its place on the listener (SLIPWAY_PREVIEW_PLACE), the services
 * that it runs (SLIPWAY_PREVIEW_SERVICES, comma-separated; all when empty) and the checkout whose manifests and seeds count
 * (SLIPWAY_SOURCE), and whether requests to staging's host may name it in a header (SLIPWAY_PREVIEW_HEADER=true): the stacks are those of main, and nothing of
 * the pull request is executed here. SLIPWAY_PREVIEW_FULL=true gives it all that staging has: what the pull request's own program does, in a job without an
 * identity in the cloud.
 */
import { loadManifests } from './pipeline/manifest/load.ts';
import { loadProject } from './pipeline/manifest/project.ts';
import { valueOrThrow } from './pipeline/manifest/result.ts';
import { App } from './stacks/cdktf.ts';
import { addStacks, type Program } from './stacks/program.ts';
import { checkOutput } from './stacks/semantics/check-output.ts';
import { loadProviderSchema } from './stacks/semantics/provider-schema.ts';

const {
  SLIPWAY_PREVIEW = '',
  SLIPWAY_PREVIEW_PLACE = '',
  SLIPWAY_PREVIEW_SERVICES = '',
  SLIPWAY_PREVIEW_HEADER = '',
  SLIPWAY_PREVIEW_FULL = '',
  SLIPWAY_SOURCE = '',
  SLIPWAY_STACKS = '',
} = process.env;
const words = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function readPreview(): Pick<Program, 'preview'> {
  if (SLIPWAY_PREVIEW === '') return {};
  if (!/^[1-9]\d{0,5}$/.test(SLIPWAY_PREVIEW)) {
    throw new Error(`SLIPWAY_PREVIEW is "${SLIPWAY_PREVIEW}": write the number of a pull request, or leave it empty.`);
  }
  if (!/^(?:[1-9]\d{0,2})?$/.test(SLIPWAY_PREVIEW_PLACE)) {
    throw new Error(`SLIPWAY_PREVIEW_PLACE is "${SLIPWAY_PREVIEW_PLACE}": write a number from 1 to 899.`);
  }
  const deployed = words(SLIPWAY_PREVIEW_SERVICES);
  const place = Number(SLIPWAY_PREVIEW_PLACE || '1');
  const header = SLIPWAY_PREVIEW_HEADER === 'true';
  const full = SLIPWAY_PREVIEW_FULL === 'true';
  return {
    preview: { number: Number(SLIPWAY_PREVIEW), place, header, full, ...(deployed.length > 0 && { deployed }) },
  };
}

function synthesize(): void {
  const root = SLIPWAY_SOURCE || import.meta.dirname;
  const app = new App();
  addStacks(app, {
    root,
    project: loadProject(import.meta.dirname, process.env),
    manifests: valueOrThrow(loadManifests(root)),
    only: words(SLIPWAY_STACKS),
    ...readPreview(),
  });
  app.synth();
  checkOutput(app, loadProviderSchema(import.meta.dirname));
}

try {
  synthesize();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
