import { images } from './images.ts';
import { choice, commit, environment, flag, optionalNumber, words } from './inputs.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** GitHub hands inputs to an action as INPUT_<NAME>. */
function withInput<Value>(value: string, read: (name: string) => Value): Value {
  process.env['INPUT_IT'] = value;
  try {
    return read('it');
  } finally {
    delete process.env['INPUT_IT'];
  }
}

test.each([
  ['an environment', environment, 'prod', /"it" is "prod"; it has to be staging, production or pr-<number>/],
  ['an environment', environment, 'pr-01', /staging, production or pr-<number>/],
  ['a missing environment', environment, ' ', /"it" is missing/],
  ['a commit', commit, 'main', /full commit SHA/],
  ['a flag', flag, 'yes', /one of true, false/],
  ['a number', optionalNumber, '1e3', /a number from 1/],
  ['a choice', (name: string) => choice(name, ['open', 'close']), 'closed', /one of open, close/],
  ['images', images, 'null', /not a JSON object/],
  ['images', images, '{', /not JSON/],
  ['images', images, '[]', /not a JSON object/],
  ['images', images, '{"web":{"digest":"latest"}}', /web has no digest/],
])('%s that is wrong is refused with what it takes', (_name, read: (name: string) => unknown, value, message) => {
  expect(() => withInput(value, read)).toThrow(message);
});

test('inputs that are right are read', () => {
  expect(withInput(' production ', environment)).toBe('production');
  expect(withInput('', flag)).toBe(false);
  expect(withInput('true', flag)).toBe(true);
  expect(withInput('', optionalNumber)).toBeUndefined();
  expect(withInput('17', optionalNumber)).toBe(17);
  expect(withInput('a, b\nc', words)).toEqual(['a', 'b', 'c']);
  expect(withInput(`{"web":{"digest":"${DIGEST}"}}`, images)).toEqual({ web: { digest: DIGEST } });
});
