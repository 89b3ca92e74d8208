/** One build as an action would do it, in a process of its own: `node bench/images/ours.ts ROOT HOST BASE APP SERVICE...`. */
import { buildServices, builtImages } from '../../pipeline/image/build.ts';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';

const [root = '', host = '', base = '', app = '', ...services] = process.argv.slice(2);
const manifests = valueOrThrow(loadManifests(root)).filter(({ name }) => services.includes(name));
const registry = { host };
const commit = process.env['BENCH_COMMIT'] ?? `bench-${Date.now()}`;
const attestations = process.env['BENCH_ATTESTATIONS'] !== 'false';
const results = await buildServices({ root, manifests, commit, registry, app, base, attestations });
const failures = results.flatMap((result) => (result.ok ? [] : [`${result.problem}. ${result.fix}`]));
if (failures.length > 0 || results.length !== services.length)
  throw new Error(failures.join('\n') || 'nothing was built');
console.log(JSON.stringify(builtImages(results)));
