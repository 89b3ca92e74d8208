import { join } from 'node:path';
import { loadManifests } from '../manifest/load.ts';
import { valueOrThrow } from '../manifest/result.ts';
import { withPartners } from './changes.ts';

const manifests = valueOrThrow(loadManifests(join(import.meta.dirname, '../..')));

test.each([
  [['requests'], ['predictor', 'requests']],
  [['predictor'], ['predictor', 'requests']],
  [['scorer'], ['scorer']],
  [['web'], ['web']],
  [[], []],
])('who changes %j runs %j', (changed, running) => {
  expect(withPartners(changed, manifests)).toEqual(running);
});

test('who publishes needs who listens, and so on', () => {
  const chain = [
    { name: 'shop', owns: { topics: [{ name: 'orders' }] } },
    { name: 'mail', owns: { queues: [{ name: 'letters', topics: ['orders'] }] } },
    { name: 'print', uses: [{ queue: 'letters', access: 'read' as const }], owns: { queues: [{ name: 'paper' }] } },
    { name: 'factory', uses: [{ queue: 'paper', access: 'write' as const }] },
    { name: 'alone', owns: { queues: [{ name: 'own' }] } },
  ];
  expect(withPartners(['shop'], chain)).toEqual(['factory', 'mail', 'print', 'shop']);
  expect(withPartners(['alone'], chain)).toEqual(['alone']);
});
