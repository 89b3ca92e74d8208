/**
 * The stacks of all long-lived environments and of as many previews as BENCH_PREVIEWS says, into CDKTF_OUTDIR: what main.ts does, for several pull requests at
 * once. `cdktf synth --app` runs the same file.
 */
import { join } from 'node:path';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { loadProject } from '../../pipeline/manifest/project.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import { App } from '../../stacks/cdktf.ts';
import { addStacks } from '../../stacks/program.ts';
import { checkOutput } from '../../stacks/semantics/check-output.ts';
import { loadProviderSchema } from '../../stacks/semantics/provider-schema.ts';

const root = join(import.meta.dirname, '../..');
const previews = Number(process.env['BENCH_PREVIEWS'] ?? 0);

const app = new App();
const program = { root, project: loadProject(root, process.env), manifests: valueOrThrow(loadManifests(root)) };
addStacks(app, program);
for (let number = 1; number <= previews; number++) {
  addStacks(app, { ...program, only: [`preview-pr-${number}`], preview: { number, place: number } });
}
app.synth();
checkOutput(app, loadProviderSchema(root));
