import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { schemaErrors } from '../pipeline/manifest/schema.ts';
import { onlyVersions, prepareManifestCheck, usedEndpoints, usedShapes } from './bundle-plugins.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'slipway-plugins-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module as it is in a bundle. */
async function bundled<Module>(contents: string, plugin: typeof usedEndpoints): Promise<Module> {
  const outfile = join(folder, `${plugin.name.replaceAll(' ', '-')}.mjs`);
  await build({
    stdin: { contents, resolveDir: ROOT },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [plugin],
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return import(outfile);
}

test('manifests are checked in a bundle as they are outside', async () => {
  const inside = await bundled<{ schemaErrors: typeof schemaErrors }>(
    "export { schemaErrors } from './pipeline/manifest/schema.ts';",
    prepareManifestCheck,
  );
  const manifests = [
    {},
    { name: 'web', kind: 'web' },
    { name: 'Größe', kind: 'nothing', memmory: 1, owns: { tables: [{}], queues: 3 } },
    { name: 'web', kind: 'web', environment: { 'not a name': 'x' }, healthCheck: { path: 'no slash' } },
  ];
  for (const manifest of manifests) {
    const expected = schemaErrors(manifest, 'service.json');
    expect(inside.schemaErrors(manifest, 'service.json')).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  }
});

test('the GitHub client of a bundle knows the endpoints that our sources name, and no others', async () => {
  const { rest } = await bundled<{ rest: Record<string, Record<string, unknown>> }>(
    "import { getOctokit } from '@actions/github'; export const { rest } = getOctokit('none');",
    usedEndpoints,
  );
  expect(Object.keys(rest['issues'] ?? {})).toContain('createComment');
  expect(Object.keys(rest['issues'] ?? {})).not.toContain('lock');
  expect(rest['gists']).toBeUndefined();
});

test('an error that nobody names comes with its name and message all the same', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'com.amazonaws.ssm#ParameterLimitExceeded', message: 'too many' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { ask } = await bundled<{ ask(options: object): Promise<unknown> }>(
    `import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
    export const ask = (options) => new SSMClient(options).send(new GetParameterCommand({ Name: 'x' }));`,
    usedShapes,
  );
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const asked = ask({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 });
  await expect(asked).rejects.toMatchObject({ name: 'ParameterLimitExceeded', message: 'too many' });
  await new Promise((resolve) => server.close(resolve));
});

test('of the package.json of a client only its version is left', async () => {
  const contents = "export { default as about } from './node_modules/@aws-sdk/client-sqs/package.json';";
  const { about } = await bundled<{ about: object }>(contents, onlyVersions);
  expect(about).toEqual({ version: expect.stringMatching(/^3\.\d+/) });
});
