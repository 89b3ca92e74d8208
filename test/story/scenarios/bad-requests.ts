import { type SentRequest, send } from '../../support/front-door.ts';
import type { TestHome } from '../../support/home.ts';

/** What is wrong, what is sent, and the answer: status and words of the reason. */
type Bad = readonly [what: string, request: Omit<SentRequest, 'environment'>, status: number, reason: RegExp];

const json = { 'content-type': 'application/json' };
const MEGABYTE = 1024 * 1024;
const INFER = '/v2/models/fuel-economy/infer';
const ROW = [4, 97, 67, 2065, 17.8, 1980, 2];

const row = (change: object): string =>
  JSON.stringify({ inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: ROW, ...change }] });

/** Whatever is wrong with any JSON endpoint's body. */
const badBodies = (path: string, tooLarge: number, notText = /UTF-8/): Bad[] => [
  ['is not JSON', { path, headers: json, body: '{"inputs": [' }, 400, /not JSON/],
  ['is empty', { path, headers: json, body: '' }, 400, /empty/],
  ['is null', { path, headers: json, body: 'null' }, 400, /./],
  ['is a list', { path, headers: json, body: '[1, 2]' }, 400, /./],
  ['is not UTF-8', { path, headers: json, body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) }, 400, notText],
  ['is XML', { path, headers: { 'content-type': 'text/xml' }, body: '<a/>' }, 415, /application\/json/],
  ['is compressed', { path, headers: { ...json, 'content-encoding': 'gzip' }, body: 'x' }, 415, /content-encoding/],
  ['is too large', { path, headers: json, body: `"${'x'.repeat(tooLarge)}"` }, 413, /large/i],
];

const REQUESTS: readonly Bad[] = [
  ...badBodies(INFER, 7 * MEGABYTE),
  ['has no inputs', { path: INFER, headers: json, body: '{}' }, 400, /inputs/],
  ['has the wrong shape', { path: INFER, headers: json, body: row({ shape: [1, 6] }) }, 400, /shape|data|features/],
  ['has a negative shape', { path: INFER, headers: json, body: row({ shape: [-1, 7] }) }, 400, /shape/],
  ['has text for numbers', { path: INFER, headers: json, body: row({ data: ['a', 2, 3, 4, 5, 6, 7] }) }, 400, /data/],
  ['has another datatype', { path: INFER, headers: json, body: row({ datatype: 'BYTES' }) }, 400, /datatype|FP32/],
  ['names an unknown input', { path: INFER, headers: json, body: row({ name: 'wings' }) }, 400, /wings|features/],
  ['names an unknown model', { path: '/v2/models/oracle/infer', headers: json, body: row({}) }, 404, /oracle/],
  [
    'names an unknown version',
    { path: '/v2/models/fuel-economy/versions/99/infer', headers: json, body: row({}) },
    404,
    /99/,
  ],
  [
    'names a model like a path',
    { path: '/v2/models/..%2F..%2Fetc%2Fpasswd/infer', headers: json, body: row({}) },
    404,
    /./,
  ],
  ['goes nowhere below /v2', { path: '/v2/nothing' }, 404, /\/v2\/nothing/],
  ['has the wrong method', { path: INFER }, 405, /POST/],

  // The load balancer hands a function JSON as text, whatever it is.
  ...badBodies('/v1/score', 2 * MEGABYTE, /has to be an object/),
  ['lacks a measurement', { path: '/v1/score', headers: json, body: '{"beak_length_mm": 38}' }, 400, /beak_depth_mm/],
  ['goes nowhere below /v1/score', { path: '/v1/score/nothing' }, 404, /nothing/],
  ['deletes the score', { path: '/v1/score', method: 'DELETE' }, 405, /GET|POST/],

  ...badBodies('/feedback', 2 * MEGABYTE),
  ['lacks a rating', { path: '/feedback', headers: json, body: '{"model": "fuel-economy"}' }, 400, /rating/],
  ['asks for no model', { path: '/feedback/summary' }, 400, /model/],
  ['goes nowhere', { path: '/nothing' }, 404, /\/nothing/],
  ['leaves the folder of assets', { path: '/public/..%2Fmain.mjs' }, 404, /./],
  ['has a broken escape', { path: '/%zz' }, 404, /./],
];

/** Whatever is sent to a running environment's services, the caller is told what is wrong with it. */
export function badRequests(home: TestHome): void {
  describe('a request', () => {
    for (const [what, request, status, reason] of REQUESTS) {
      test(`to ${request.path} that ${what} gets a ${status} with the reason`, async () => {
        const reply = await send(home, { environment: 'staging', ...request });
        expect(reply).toMatchObject({ status, text: expect.stringMatching(reason) });
      });
    }

    test('for a host that nobody serves gets a 404', async () => {
      expect(await send(home, { environment: 'nobody', path: '/' })).toMatchObject({ status: 404 });
    });
  });
}
