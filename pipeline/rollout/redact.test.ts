import { redact } from './redact.ts';

test.each([
  ['password=hunter2 user=ann', 'password=*** user=ann'],
  ['{"api_key":"abc123","model":"x"}', '{"api_key":***,"model":"x"}'],
  ['Authorization: Bearer abcdefgh12345678', 'Authorization: ***'],
  ['sending Bearer abcdefgh12345678 to upstream', 'sending Bearer *** to upstream'],
  ['connect postgres://app:s3cr3t@db:5432/app failed', 'connect postgres://app:***@db:5432/app failed'],
  [`AWS_SECRET_ACCESS_KEY=${'x'.repeat(40)}`, 'AWS_SECRET_ACCESS_KEY=***'],
  ['key AKIAABCDEFGHIJKLMNOP is wrong', 'key *** is wrong'],
  [`token ghp_${'a'.repeat(36)}`, 'token ***'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'jwt ***'],
  ['SENTRY_DSN=https://abc@sentry.example/1', 'SENTRY_DSN=***'],
  [
    'Error: model not found at line 12, tokens used: 30 of 40',
    'Error: model not found at line 12, tokens used: 30 of 40',
  ],
  ['listening on port 8080', 'listening on port 8080'],
])('%s', (line, expected) => expect(redact(line)).toBe(expected));
