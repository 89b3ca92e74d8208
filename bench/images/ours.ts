/** One build as an action would do it, in a process of its own: `node bench/images/ours.ts ROOT HOST BASE APP SERVICE...`. */
import { bundleAhead } from '../../pipeline/image/build/ahead.ts';

const [root = '', host = '', base = '', app = '', ...services] = process.argv.slice(2);
const ahead = bundleAhead({ root, services });
const { buildServices, builtImages, loadManifests, valueOrThrow } = await import('./our-builder.ts');
const manifests = valueOrThrow(loadManifests(root)).filter(({ name }) => services.includes(name));
const commit = process.env['BENCH_COMMIT'] ?? `bench-${Date.now()}`;
const attestations = process.env['BENCH_ATTESTATIONS'] !== 'false';
const request = { root, manifests, commit, registry: { host }, app, base, attestations, ahead };
const results = await buildServices(request).finally(ahead.close);
const failures = results.flatMap((result) => (result.ok ? [] : [`${result.problem}. ${result.fix}`]));
if (failures.length > 0 || results.length !== services.length)
  throw new Error(failures.join('\n') || 'nothing was built');
console.log(JSON.stringify(builtImages(results)));
