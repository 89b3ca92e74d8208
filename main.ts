/**
 * Synthesizes the stacks: `node main.ts`, the command that cdktf.json names, too.
 * SLIPWAY_PREVIEW=<n> adds the preview of a pull request; SLIPWAY_STACKS=<ids, comma-separated> limits the work to some stacks.
 */
import { loadManifests } from './pipeline/manifest/load.ts';
import { loadProject } from './pipeline/manifest/project.ts';
import { valueOrThrow } from './pipeline/manifest/result.ts';
import { App } from './stacks/cdktf.ts';
import { addStacks } from './stacks/program.ts';

const root = import.meta.dirname;
const { SLIPWAY_PREVIEW = '', SLIPWAY_STACKS = '' } = process.env;

function synthesize(): void {
  if (!/^(?:[1-9]\d{0,5})?$/.test(SLIPWAY_PREVIEW)) {
    throw new Error(`SLIPWAY_PREVIEW is "${SLIPWAY_PREVIEW}": write the number of a pull request, or leave it empty.`);
  }
  const app = new App();
  addStacks(app, {
    root,
    project: loadProject(root, process.env),
    manifests: valueOrThrow(loadManifests(root)),
    only: SLIPWAY_STACKS.split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
    ...(SLIPWAY_PREVIEW === '' ? {} : { preview: Number(SLIPWAY_PREVIEW) }),
  });
  app.synth();
}

try {
  synthesize();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
