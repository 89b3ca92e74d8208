import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { parseDescription } from '../../../kit/model/read-description.ts';
import { fuzzedRequest } from '../fuzz-requests.ts';
import { readProtocolBody } from './body.ts';
import { readUsualRequest } from './usual.ts';
import { readUsualBytes } from './usual-bytes.ts';

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
const HEAD = 'inference-header-content-length';
/** Behind the JSON the values as bytes, at a position that numbers may not have in memory. */
const binary = (values: readonly number[], more: object = {}, input: object = {}) => {
  const data = Buffer.from(Float32Array.from(values).buffer);
  const parameters = { binary_data_size: data.length };
  const tensor = { name: 'features', shape: [values.length / 7, 7], datatype: 'FP32', parameters, ...input };
  const head = Buffer.from(JSON.stringify({ inputs: [tensor], ...more }));
  return { head, body: Buffer.concat([Buffer.alloc(1), head, data]).subarray(1) };
};
const readBinary = ({ head, body }: ReturnType<typeof binary>, model = description) =>
  readProtocolBody({ headers: { [HEAD]: String(head.length) }, body }, model);
const light = [4, 97, 67, 2065, 17.8, 1980, 2];

test('requests of the usual kind are read from their bytes, the second one like the first', () => {
  for (const data of [light, light.map((value) => value + 0), [8, 400, 175, 4464, 11.5, 1971, 0]]) {
    const read = readUsualRequest(request(data), description);
    expect(Array.from(read?.inputs['features']?.data as Float32Array)).toEqual(data.map(Math.fround));
    expect(read).toEqual((slowly(request(data)) as { value: unknown }).value);
  }
});

test('of requests with a megabyte around their numbers nothing is kept', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const models = Array.from({ length: 64 }, () => ({ ...description }));
  const fat = request(light, { parameters: { note: 'x'.repeat(2 ** 20) } });
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (const model of models) expect(readUsualRequest(Buffer.from(fat), model)?.rows).toBe(1);
  collect();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  expect(models).toHaveLength(64);
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

test('binary requests with the JSON of one before are read like the first, whatever comes between them', () => {
  const row = fc.array(fc.constantFrom(...light, 8, -1, Number.NaN), { minLength: 7, maxLength: 7 });
  const requests = fc.oneof(
    row.map((values) => binary(values)),
    fc.tuple(row, row).map(([one, other]) => binary([...one, ...other], { parameters: { binary_data_output: true } })),
    row.map((values) => binary(values, { id: 'a' })),
    row.map((values) => binary(values, {}, { parameters: { binary_data_size: 24 } })),
    fc.constantFrom(
      binary(light),
      { ...binary(light), body: binary(light).body.subarray(0, -4) },
      { ...binary(light), body: Buffer.concat([binary(light).body, Buffer.alloc(4)]) },
      binary(light, {}, { parameters: {}, data: light }),
      binary(light, { outputs: [{ name: 'mpg' }, { name: 'mpg' }] }),
    ),
  );
  fc.assert(
    fc.property(fc.array(requests, { minLength: 1, maxLength: 6 }), (sequence) => {
      // A copy of the description has no memory of what came before.
      for (const one of sequence) expect(readBinary(one)).toEqual(readBinary(one, { ...description }));
    }),
    { numRuns: 400 },
  );
  const usual = binary(light);
  readBinary(usual);
  expect(readUsualBytes(usual.body, usual.head.length, description)?.inputs['features']?.data).toEqual(
    Float32Array.from(light),
  );
});
