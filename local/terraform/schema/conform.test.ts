import { conform, settleUnknown } from './conform.ts';
import type { Block } from './types.ts';
import { UNKNOWN } from './value.ts';

const block: Block = {
  attributes: {
    count: ['number', 'o'],
    names: [['set', 'string'], 'o'],
    rules: [['list', ['object', { a: 'string', b: 'bool' }]], 'o'],
  },
  blocks: {
    many: { nesting: 'list', block: { attributes: { x: ['string', 'o'] }, blocks: {} } },
    one: { nesting: 'single', block: { attributes: { y: ['string', 'o'] }, blocks: {} } },
  },
};

test('everything that the schema has is there, and nothing else', () => {
  expect(conform(block, { count: '3', other: 1, rules: [{ a: 1 }], many: [{}] })).toEqual({
    count: 3,
    names: null,
    rules: [{ a: '1', b: null }],
    many: [{ x: null }],
    one: null,
  });
});

test('a value of the wrong type is named', () => {
  expect(() => conform(block, { count: 'many' })).toThrow('many is not a "number"');
  expect(() => conform(block, { names: 'a' })).toThrow('a is not a ["set","string"]');
});

test('nothing stays unknown in a state', () => {
  const settled = settleUnknown(block, {
    count: UNKNOWN,
    names: ['a', UNKNOWN],
    rules: null,
    many: UNKNOWN,
    one: { y: UNKNOWN },
  });
  expect(settled).toEqual({ count: null, names: ['a', null], rules: null, many: [], one: { y: null } });
});
