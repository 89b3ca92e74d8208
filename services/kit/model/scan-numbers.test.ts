import * as fc from 'fast-check';
import { cutOutNumbers, MARK, textAround } from './scan-numbers.ts';

const cut = (text: string) => {
  const bytes = Buffer.from(text);
  const found = cutOutNumbers(bytes);
  return found && { body: JSON.parse(textAround(bytes, found)) as unknown, numbers: [...found.numbers] };
};

test('the numbers are those of JSON.parse, to the last bit of a float32', () => {
  const number = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((value) => value / 10_000),
    fc.constantFrom(0, -0, 0.1, 1e-7, 123456789.123, 2 ** 53),
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 50 }), fc.constantFrom(undefined, 1), (values, spaces) => {
      const text = JSON.stringify({ inputs: [{ name: 'x', data: values }] });
      const found = cut(spaces === undefined ? text : text.replaceAll(',', ', ').replaceAll(':', ': '));
      // Only exponents and numbers of very many digits are left to JSON.parse.
      if (!found) expect(text).toMatch(/e[+-]?\d|[\d.]{20}/);
      else {
        expect(found.body).toEqual({ inputs: [{ name: 'x', data: MARK }] });
        expect(found.numbers).toEqual(values.map((value) => Math.fround(JSON.parse(JSON.stringify(value)))));
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  '{"data": 1}',
  '{"data":[]}',
  '{"data":[1,]}',
  '{"data":[01]}',
  '{"data":[.5]}',
  '{"data":[1.]}',
  '{"data":[-]}',
  '{"data":[+1]}',
  '{"data":[1 2]}',
  '{"data":[1e5]}',
  '{"data":[null]}',
  '{"data":["1"]}',
  '{"data":[[1]]}',
  '{"data":[1',
  '{"data":[12345678901234567890]}',
  '{"data"',
  '{}',
  '',
])('%j is left to JSON.parse', (text) => {
  expect(cut(text)).toBeUndefined();
});

test('a number that no float32 holds is left to JSON.parse, and what merely looks like a list of numbers stays what it is', () => {
  expect(cut(`{"data":[1${'0'.repeat(18)}]}`)).toMatchObject({ numbers: [Math.fround(1e18)] });
  expect(cut(JSON.stringify({ id: '"data":[1,2]', data: [3] }))).toEqual({
    body: { id: '"data":[1,2]', data: MARK },
    numbers: [3],
  });
});
