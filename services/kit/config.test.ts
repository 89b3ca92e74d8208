import { ConfigurationError, listenSettings, readConfig, readIdentity, text } from './config.ts';

describe('configuration', () => {
  test('gives typed values and falls back', () => {
    const config = readConfig(
      { ...listenSettings, table: text('TABLE_JOBS') },
      { TABLE_JOBS: 'pr-1-jobs', PORT: '', HOST: '127.0.0.1' },
    );
    expect(config).toEqual({ host: '127.0.0.1', port: 8080, table: 'pr-1-jobs' });
  });

  test('names every variable that is wrong at once', () => {
    const read = () =>
      readConfig(
        { ...listenSettings, table: text('TABLE_JOBS'), bucket: text('BUCKET_MODELS') },
        { PORT: '80x', BUCKET_MODELS: '' },
      );
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      /PORT is "80x", expected a whole number from 0 to 65535; TABLE_JOBS is not set; BUCKET_MODELS is not set/,
    );
  });

  test.each(['-1', '65536', '1.5', '0x10', ' 80', '1e3'])('refuses the port %j', (PORT) => {
    expect(() => readConfig(listenSettings, { PORT })).toThrow(/^the environment is not complete: PORT/);
  });

  test('a function without a commit is named by its version', () => {
    const lambda = { SLIPWAY_ENVIRONMENT: 'staging', SLIPWAY_SERVICE: 'scorer', AWS_LAMBDA_FUNCTION_VERSION: '7' };
    expect(readIdentity('x', lambda)).toEqual({ service: 'scorer', environment: 'staging', release: '7' });
    expect(readIdentity('x', { ...lambda, SLIPWAY_RELEASE: 'abc' }).release).toBe('abc');
  });
});
