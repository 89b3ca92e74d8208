// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { finished, outputOf, startGitHub, type TestGitHub } from '../testing/start.ts';
import type { Run } from '../types.ts';

let site: TestGitHub;
afterEach(() => site.close());

test('identity tokens: only with id-token: write, verifiable, with the subject that GitHub forms', async () => {
  const ask =
    'curl -s -H "authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com"';
  site = await startGitHub({
    '.github/workflows/oidc.yml': `on: { push: { branches: [main] }, pull_request: {} }
permissions: {}
jobs:
  ref: { runs-on: x, permissions: { id-token: write }, steps: [{ run: '${ask} | sed "s/./&,/g"' }] }
  environment: { runs-on: x, environment: production, permissions: { id-token: write }, steps: [{ run: '${ask} | sed "s/./&,/g"' }] }
  none: { runs-on: x, steps: [{ run: 'echo "none=[$ACTIONS_ID_TOKEN_REQUEST_URL]"' }] }
`,
  });
  const jwks = await (await fetch(`${site.github.url}/.well-known/jwks`)).json();
  expect(jwks).toEqual(site.github.jwks);
  const [publicKey = {}] = site.github.jwks.keys;
  const discovery = await (await fetch(`${site.github.url}/.well-known/openid-configuration`)).json();
  expect(discovery).toMatchObject({ issuer: site.github.issuer, jwks_uri: `${site.github.url}/.well-known/jwks` });
  const claimsOf = (run: Run | undefined, job: string): Record<string, unknown> => {
    const record = run?.jobs.find(({ key }) => key === job);
    const log = readFileSync(record?.steps[0]?.log ?? '', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{,'));
    const { value } = JSON.parse((log[0] ?? '').replaceAll(/(.),/g, '$1'));
    const [header, payload, signature] = String(value).split('.');
    const key = createPublicKey({ key: publicKey, format: 'jwk' });
    expect(
      verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url')),
    ).toBe(true);
    return JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  };
  const pushed = await site.github.push({ branch: 'main', files: { a: '1' }, message: 'A' });
  const [push] = await finished(site, pushed.runs);
  expect(claimsOf(push, 'ref')).toMatchObject({
    sub: 'repo:octo@1001/app@1000001:ref:refs/heads/main',
    aud: 'sts.amazonaws.com',
    iss: site.github.url,
    job_workflow_ref: 'octo/app/.github/workflows/oidc.yml@refs/heads/main',
    event_name: 'push',
  });
  expect(claimsOf(push, 'environment')).toMatchObject({
    sub: 'repo:octo@1001/app@1000001:environment:production',
    environment: 'production',
  });
  expect(outputOf(push)).toContain('none=[]');
  // As repositories have it that were made before 15 July 2026.
  await site.call('PUT', '/actions/oidc/customization/sub', { use_default: true, use_immutable_subject: false });
  await site.github.commit({ branch: 'feature', files: { a: '2' }, message: 'B' });
  const [pull] = await finished(site, (await site.github.openPullRequest({ head: 'feature', title: 'F' })).runs);
  expect(claimsOf(pull, 'ref')).toMatchObject({ sub: 'repo:octo/app:pull_request' });
});
