import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Scene } from '../scene.ts';

const MINUTES = 60_000;
let scene: Scene;

/** `npm run doctor` and `npm run bootstrap`, on an account where nothing is yet. */
export function doctorAndBootstrap(given: () => Scene): void {
  beforeAll(() => {
    scene = given();
  });

  test(
    'an empty account: what is missing, a dry run that makes nothing, one command, then nothing is missing',
    async () => {
      const before = await doctor();
      expect(before.code).toBe(1);
      expect(failures(before.checks)).toEqual(
        expect.arrayContaining([
          'state bucket',
          'ECR blob mounting',
          'slipway-ci-deploy-staging for environment:staging',
          'AWS_ROLE_BUILD',
          'AWS_ROLE_DEPLOY of environment production',
        ]),
      );
      expect(before.checks.find(({ name }) => name === 'OIDC subject')).toMatchObject({
        status: 'ok',
        found: expect.stringMatching(
          /sends repo:slipway.*old form repo:slipway\/slipway:\.\.\., immutable form repo:slipway@1001\/slipway@1000001:/,
        ),
      });

      const dry = await tool('bootstrap', ['--dry-run']);
      expect(dry).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/would create the state bucket slipway-000000000000-state/),
      });
      expect(dry.stdout).toMatch(/would create the stack bootstrap\n(?: {2}\d+ aws_\w+\n)+/);
      expect(failures((await doctor()).checks)).toEqual(failures(before.checks));

      const applied = await tool('bootstrap', ['--json']);
      expect({ code: applied.code, stderr: applied.stderr }).toEqual({ code: 0, stderr: '' });
      const role = (name: string): string => `arn:aws:iam::000000000000:role/slipway-ci-${name}`;
      scene.github.setVariables({ AWS_ROLE_BUILD: role('build'), AWS_ROLE_PLAN: role('plan') });
      scene.github.setVariables({ AWS_ROLE_PREVIEW: role('preview') }, 'preview');
      for (const name of ['staging', 'production']) {
        scene.github.setVariables({ AWS_ROLE_DEPLOY: role(`deploy-${name}`) }, name);
      }
      const after = await doctor();
      expect({ code: after.code, failed: failures(after.checks) }).toEqual({ code: 0, failed: [] });
      const again = await tool('bootstrap', ['--dry-run']);
      expect(again.stdout).toMatch(/would apply bootstrap: no-changes\nwould apply account: no-changes/);
    },
    4 * MINUTES,
  );

  test('credentials of another account are refused before anything is made', async () => {
    const { code, stderr } = await tool('bootstrap', [], { SLIPWAY_ACCOUNT_ID: '123456789012' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/of account 000000000000; slipway.json says 123456789012/),
    });
  });
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the project's tools as a person would, with this scene for AWS and GitHub. */
const tool = (name: string, words: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
  new Promise<Result>((resolve) => {
    const environment = { ...process.env, ...scene.environment, ...variables };
    const parameters = [join(scene.checkout.root, 'tools', `${name}.ts`), ...words];
    execFile(process.execPath, parameters, { env: environment }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });

const ofGitHub = () => ({
  GITHUB_API_URL: scene.github.url,
  GITHUB_TOKEN: scene.github.issueToken({ actions: 'read', variables: 'read' }),
});

interface Check {
  readonly name: string;
  readonly status: string;
  readonly found: string;
  readonly fix?: string;
}

async function doctor(): Promise<{ code: number; checks: Check[] }> {
  const { code, stdout } = await tool('doctor', ['--json'], ofGitHub());
  const checks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Check);
  return { code, checks };
}

const failures = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
