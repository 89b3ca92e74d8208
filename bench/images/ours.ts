/** One build as an action would do it, in a process of its own: `node bench/images/ours.ts ROOT HOST BASE APP`. */
import { buildServices } from '../../pipeline/image/build.ts';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';

const [root = '', host = '', base = '', app = ''] = process.argv.slice(2);
const manifests = valueOrThrow(loadManifests(root)).filter(({ name }) => name === 'inference');
const [result] = await buildServices({ root, manifests, commit: `bench-${Date.now()}`, registry: { host }, app, base });
if (!result?.ok) throw new Error(result ? `${result.problem}. ${result.fix}` : 'nothing was built');
console.log(JSON.stringify(result.image));
