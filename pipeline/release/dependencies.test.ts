import { prerequisites } from './dependencies.ts';
import type { Move } from './plan.ts';

const move = (service: string, after: readonly string[], reason: Move['reasons'][number] = 'image') =>
  ({ service, template: { after }, reasons: [reason] }) as unknown as Move;
const order = (...moves: readonly Move[]) => Object.fromEntries(prerequisites({ moves }));

test.each([
  ['what is declared', [move('web', ['api']), move('api', [])], { web: ['api'], api: [] }],
  ['a service that does not move is not waited for', [move('web', ['api'])], { web: [] }],
  [
    'a rollback goes the other way',
    [move('web', ['api'], 'rollback'), move('api', [], 'rollback')],
    { web: [], api: ['web'] },
  ],
  ['a circle is opened', [move('a', ['b']), move('b', ['c']), move('c', ['a'])], { a: ['b'], b: ['c'], c: [] }],
  ['itself is nobody to wait for', [move('a', ['a'])], { a: [] }],
] as const)('%s', (_name, moves, expected) => expect(order(...moves)).toEqual(expected));
