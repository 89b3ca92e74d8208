/** What actions/build loads while the bundler works already. */
export { buildServices, builtImages } from '../../pipeline/image/build.ts';
export { loadManifests } from '../../pipeline/manifest/load.ts';
export { valueOrThrow } from '../../pipeline/manifest/result.ts';
