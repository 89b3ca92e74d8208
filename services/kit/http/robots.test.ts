import { identity, memoryLog, memoryReporter } from '../test-support.ts';
import { createApp } from './app.ts';

test.each([
  ['production', undefined],
  ['staging', 'noindex, nofollow'],
  ['pr-7', 'noindex, nofollow'],
])('%s: what search engines are told, and who answered', async (environment, robots) => {
  const routes = [{ method: 'GET', path: '/', handle: () => ({ status: 200, body: '' }) }] as const;
  const app = createApp({ ...memoryLog(), ...memoryReporter(), routes, identity: { ...identity, environment } });
  const { headers = {} } = await app({ method: 'GET', target: '/', headers: {}, body: Buffer.alloc(0) });
  expect(headers['x-robots-tag']).toBe(robots);
  expect(headers['x-slipway-environment']).toBe(environment);
});
