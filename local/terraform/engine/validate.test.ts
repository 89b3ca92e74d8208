import { UNKNOWN, type Values } from '../schema/value.ts';
import { conflicting, exactlyOne } from './validate.ts';

test.each<[string, Values, number, number]>([
  ['nothing', {}, 1, 0],
  ['one', { a: 'x' }, 0, 0],
  ['both', { a: 'x', b: 'y' }, 1, 1],
  ['both unknown, one of which may turn out to be null', { a: UNKNOWN, b: UNKNOWN }, 0, 0],
  ['one beside an unknown one', { a: 'x', b: UNKNOWN }, 0, 0],
])('of two arguments that exclude each other, %s', (_case, config, exact, exclusive) => {
  const names = ['a', 'b'];
  expect([exactlyOne(config, names).length, conflicting(config, names).length]).toEqual([exact, exclusive]);
});
