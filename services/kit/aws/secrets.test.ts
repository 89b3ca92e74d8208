import { readSecrets } from './secrets.ts';

test('secrets replace the names they are known by; one that cannot be read stays unset', async () => {
  const source = async (name: string) => {
    if (name === '/app/staging/missing') throw new Error('ResourceNotFoundException');
    return `value of ${name}`;
  };
  const environment = { SENTRY_DSN_FROM: '/app/staging/sentry-dsn', OTHER_FROM: '/app/staging/missing', PORT: '80' };
  const complete = await readSecrets(() => source)(environment);
  expect(complete).toMatchObject({ SENTRY_DSN: 'value of /app/staging/sentry-dsn', PORT: '80' });
  expect(complete['OTHER']).toBeUndefined();
});

test('without secrets nobody is asked', async () => {
  const create = () => {
    throw new Error('not needed');
  };
  expect(await readSecrets(create)({ PORT: '80' })).toEqual({ PORT: '80' });
});
