import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createHome } from '../support/home.ts';
import { linkProgramsExcept } from '../support/programs.ts';

const home = createHome();
const folder = mkdtempSync(join(tmpdir(), 'slipway-programs-'));

afterAll(async () => {
  await home.remove();
  rmSync(folder, { recursive: true });
});

/** A PATH on which terraform is found only if given. */
function pathWith(terraform?: string): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  linkProgramsExcept(bin, ['terraform']);
  if (terraform !== undefined) writeFileSync(join(bin, 'terraform'), terraform, { mode: 0o755 });
  return `${dirname(process.execPath)}:${bin}`;
}

test.each([
  ['missing', undefined, /Terraform cannot be started.*Install Terraform 1\.11/s],
  [
    'too old',
    `#!/bin/sh\necho '{"terraform_version": "1.5.7"}'\n`,
    /Terraform 1\.5 is too old.*Install Terraform 1\.11/s,
  ],
  ['not Terraform', '#!/bin/sh\necho hello\n', /Terraform did not say its version.*Install Terraform 1\.11/s],
])('terraform is %s: up says what to install', async (_what, terraform, message) => {
  const { code, lines } = await home.json(['up'], { environment: { PATH: pathWith(terraform) } });
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error: expect.stringMatching(message) }] });
  await home.run(['down']);
});

const MANIFEST = 'services/extra/service.json';

test.each([
  ['is not JSON', '{"name": "extra",', /services\/extra\/service\.json/],
  ['lacks its kind', '{"name": "extra", "entry": "main.ts"}', /services\/extra\/service\.json.*kind/s],
  ['has a wrong value', '{"name": "extra", "kind": "daemon"}', /services\/extra\/service\.json.*kind/s],
  [
    'contradicts itself',
    JSON.stringify({
      name: 'extra',
      kind: 'job',
      description: 'x',
      entry: 'main.ts',
      builder: 'node',
      cpu: 256,
      memory: 512,
      port: 80,
    }),
    /services\/extra\/service\.json.*port/s,
  ],
  [
    'claims the route of another service',
    JSON.stringify({
      name: 'extra',
      kind: 'web',
      description: 'x',
      entry: 'main.ts',
      builder: 'node',
      cpu: 256,
      memory: 512,
      port: 8080,
      health: '/health',
      routes: ['/v2/*'],
    }),
    /services\/\w+\/service\.json: routes\..*"\/v2\/\*".*service extra/s,
  ],
])('a service.json that %s stops up, which names file and field', async (_what, text, message) => {
  home.checkout.write(MANIFEST, text);
  const { code, lines } = await home.json(['up']);
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error: expect.stringMatching(message) }] });
  expect(lines[0]?.['error']).not.toMatch(/^\s+at /m);
});
