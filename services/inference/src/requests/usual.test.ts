import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parseDescription } from '../../../kit/model/read-description.ts';
import { fuzzedRequest } from '../fuzz-requests.ts';
import { readProtocolBody } from './body.ts';
import { readUsualRequest } from './usual.ts';

const json = readFileSync(join(import.meta.dirname, '../../models/fuel-economy/1/model.json'), 'utf8');
const parsed = parseDescription(json);
if (!parsed.ok) throw new Error(parsed.error);
const description = parsed.value;

const request = (data: unknown, more: object = {}) =>
  Buffer.from(JSON.stringify({ inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data }], ...more }));
/** The way that knows all kinds is taken for a content type that says more. */
const slowly = (body: Uint8Array) =>
  readProtocolBody({ headers: { 'content-type': 'application/json; charset=utf-8' }, body }, description);
const quickly = (body: Uint8Array) =>
  readProtocolBody({ headers: { 'content-type': 'application/json' }, body }, description);
const light = [4, 97, 67, 2065, 17.8, 1980, 2];

test('requests of the usual kind are read from their bytes, the second one like the first', () => {
  for (const data of [light, light.map((value) => value + 0), [8, 400, 175, 4464, 11.5, 1971, 0]]) {
    const read = readUsualRequest(request(data), description);
    expect(Array.from(read?.inputs['features']?.data as Float32Array)).toEqual(data.map(Math.fround));
    expect(read).toEqual((slowly(request(data)) as { value: unknown }).value);
  }
});

test('between usual ones, anything else is read as if there had been none', () => {
  const bodies = fc.oneof(
    fuzzedRequest.map(({ body }) => body),
    fc
      .array(fc.oneof(fc.integer({ min: -9, max: 2000 }), fc.double({ min: -10, max: 2000, noNaN: true })), {
        minLength: 6,
        maxLength: 8,
      })
      .map((data) => request(data)),
    fc.constantFrom(
      request(light),
      request(light, { id: 'a' }),
      request(light, { parameters: { data: [1, 2, 3, 4, 5, 6, 7] } }),
      Buffer.from(
        `{"parameters":{"data":[1,2,3,4,5,6,7]},${request([8, 400, 175, 4464, 11.5, 1971, 0]).toString().slice(1)}`,
      ),
      request([...light.slice(0, 6), 9]),
      Buffer.concat([request(light), Buffer.from([0xff])]),
    ),
  );
  fc.assert(
    fc.property(fc.array(bodies, { minLength: 1, maxLength: 5 }), (sequence) => {
      for (const body of sequence) expect(quickly(body)).toEqual(slowly(body));
    }),
    { numRuns: 400 },
  );
});
