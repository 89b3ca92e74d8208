/**
 * Synthesizes the demo program of the tests, which has a service of every kind and asks for every construct, into CDKTF_OUTDIR:
 * `CDKTF_OUTDIR=<folder> node stacks/testing/everything.ts`.
 */

import { PROFILES } from '../../pipeline/manifest/names.ts';
import { App } from '../cdktf.ts';
import { addStacks } from '../program.ts';
import { project as demo, manifests, triggered } from './program.ts';

const profile = PROFILES.find((one) => one === process.env['SLIPWAY_PROFILE']) ?? 'standard';
const project = { ...demo, profile, zone: 'own' as const };
const app = new App();
addStacks(app, {
  root: '/nowhere',
  project,
  manifests: [...manifests, ...triggered],
  preview: { number: 7, place: 0 },
});
app.synth();
