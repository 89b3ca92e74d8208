import { previewRules } from './preview-rules.ts';

const MANIFESTS = [
  { name: 'web', routes: ['/*'] },
  { name: 'inference', routes: ['/v2', '/v2/*'] },
  { name: 'scorer', routes: ['/v1/score', '/v1/score/*'] },
  { name: 'batch' },
];

test('a service with narrow paths needs one rule', () => {
  expect(previewRules(MANIFESTS, ['inference'])).toEqual([
    { service: 'inference', own: true, paths: ['/v2/*', '/v2'] },
  ]);
});

test('a service that takes everything leaves the narrower paths to staging', () => {
  expect(previewRules(MANIFESTS, ['web'])).toEqual([
    { service: 'scorer', own: false, paths: ['/v1/score/*', '/v1/score'] },
    { service: 'inference', own: false, paths: ['/v2/*', '/v2'] },
    { service: 'web', own: true, paths: ['/*'] },
  ]);
});

test('a job needs none', () => {
  expect(previewRules(MANIFESTS, ['batch'])).toEqual([]);
});

test('a rule has three paths at most', () => {
  const routes = ['/a', '/b', '/c', '/d', '/e'];
  expect(previewRules([{ name: 'web', routes }], ['web']).map(({ paths }) => paths.length)).toEqual([3, 2]);
});
