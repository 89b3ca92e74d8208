import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../../../local/github/types.ts';
import { logOf, type Scene } from '../scene.ts';

const MINUTES = 60_000;
let scene: Scene;

/** plan.yml on pull requests against an account that is as main says. */
export function plans(given: () => Scene): void {
  beforeAll(() => {
    scene = given();
  });

  test(
    'a pull request that changes no infrastructure hears so, in one comment that later pushes update',
    async () => {
      const { number, runs } = await scene.change({
        branch: 'words',
        edit: (read) => ({ 'README.md': `${read('README.md')}\nMore.\n` }),
      });
      const run = planOf(runs);
      expect({ conclusion: run.conclusion, jobs: run.jobs.map(({ name }) => name), log: errorsOf(run) }).toEqual({
        conclusion: 'success',
        jobs: ['synth', 'plan'],
        log: [],
      });
      const comment = commentOn(number);
      expect(comment).toMatch(/### Plan: no change of infrastructure/);
      expect(comment).toMatch(/Cost: no difference \(\$\d+\.\d\d a month\)/);
      expect(comment).toContain('`production-app`');
      // Neither a digest nor a tag of an image is part of a plan.
      expect(comment).not.toMatch(/sha256:|image_uri|"image"/);
      const pushed = await scene.github.push({
        branch: 'words',
        files: {
          ...changeManifest('web', (manifest) => {
            manifest.owns.tables[0].partitionKey = 'product';
            manifest.scaling.minimum = 2;
          }),
          'stacks/constructs/table.ts': scene
            .read('stacks/constructs/table.ts')
            .replace('pointInTimeRecovery: { enabled: true }', 'pointInTimeRecovery: { enabled: false }'),
        },
        message: 'Another key, one task more',
      });
      expect(planOf(await scene.finished(pushed.runs)).conclusion).toBe('failure');
      const update = commentOn(number);
      expect(update).toMatch(/staging-data cannot be planned:\*\* .*Instance cannot be destroyed/);
      expect(update).toMatch(/### Plan: \d+ changed/);
      expect(update).toMatch(/Controls that do not hold:\*\*\n\n(?:- .*\n)*- DDB-\d+: staging-data aws/);
      // One more task of 0.25 vCPU and 0.5 GB with its address; production has two as it is.
      expect(update).toMatch(/Cost: \*\*\+\$\d+\.\d\d a month\*\* \(.*staging \+\$\d+\.\d\d/);
    },
    3 * MINUTES,
  );

  test(
    'what destroys data comes first and fails the check until its label is there; what follows from it waits',
    async () => {
      const { number, runs } = await scene.change({
        branch: 'secrets',
        // No service wants the secret any more.
        edit: () =>
          Object.assign(
            {},
            ...servicesOf(scene).map((service) =>
              changeManifest(service, (manifest) => {
                if (manifest.secrets !== undefined) manifest.secrets = { SENTRY_DSN: 'errors' };
              }),
            ),
          ),
      });
      const failed = planOf(runs);
      expect(errorsOf(failed).join()).toMatch(/Data would be lost .*production-data: delete aws_secretsmanager_secret/);
      expect(failed.jobs.map(({ name, conclusion }) => [name, conclusion])).toEqual([
        ['synth', 'success'],
        ['plan', 'failure'],
      ]);
      const comment = commentOn(number);
      expect(comment).toMatch(/### Plan: \*\*\d+ destroyed\*\*, \d+ created/);
      expect(comment).toMatch(/Data is lost\. The check fails until the label `allow-destroy`/);
      expect(comment).toMatch(/- destroyed `aws_secretsmanager_secret\.[\w-]+` \(holds data\)/);
      expect(comment).toMatch(/`production-app` reads what `production-data` is going to publish/);
      expect(comment.indexOf('Data is lost')).toBeLessThan(comment.indexOf('- created `'));

      const labeled = await scene.github.labelPullRequest(number, ['allow-destroy']);
      // A new secret may break controls, which is another reason to be red.
      expect(errorsOf(planOf(await scene.finished(labeled.runs))).join()).not.toMatch(/Data would be lost/);
      expect(commentOn(number)).toMatch(/The label `allow-destroy` says that this is meant/);
    },
    3 * MINUTES,
  );

  test(
    'a pull request whose program names a program for Terraform gets no plan: nothing of it runs with an identity',
    async () => {
      const { number, runs } = await scene.change({
        branch: 'evil',
        edit: (read) => ({
          'main.ts': `${read('main.ts')}
process.on('exit', () => {
  const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const file = 'cdktf.out/stacks/staging-app/cdk.tf.json';
  const json = JSON.parse(readFileSync(file, 'utf8'));
  json.data = { ...json.data, external: { e: { program: ['sh', '-c', 'env'] } } };
  writeFileSync(file, JSON.stringify(json));
});
`,
        }),
      });
      const run = planOf(runs);
      expect(run.conclusion).toBe('failure');
      expect(logOf(run)).toMatch(/staging-app: data external, which a plan with an identity in the cloud does not run/);
      expect(scene.github.comments(number)).toEqual([]);
      expect(synthEnvironment(run)).not.toMatch(/AWS_SESSION_TOKEN/);
    },
    3 * MINUTES,
  );
}

const planOf = (runs: readonly Run[]): Run => {
  const run = runs.find(({ workflow }) => workflow.endsWith('/plan.yml'));
  if (run === undefined) throw new Error('plan.yml did not run');
  return run;
};

const servicesOf = ({ checkout }: Scene): readonly string[] => {
  const folder = join(checkout.root, 'services');
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'service.json')));
};

// biome-ignore lint/suspicious/noExplicitAny: manifests are spoiled in ways that no type allows
function changeManifest(service: string, change: (manifest: any) => void): Record<string, string> {
  const path = `services/${service}/service.json`;
  const manifest = JSON.parse(scene.read(path));
  change(manifest);
  return { [path]: JSON.stringify(manifest, null, 2) };
}

const errorsOf = (run: Run): readonly string[] =>
  logOf(run)
    .split('\n')
    .filter((line) => line.startsWith('##[error]'));

/** The one comment about the plan. */
function commentOn(number: number): string {
  const comments = scene.github.comments(number).filter(({ body }) => body.includes('<!-- slipway-plan '));
  expect(comments).toHaveLength(1);
  return comments[0]?.body ?? '';
}

/** Logs of the job that runs the pull request's code. */
const synthEnvironment = (run: Run): string => logOf({ jobs: run.jobs.filter(({ name }) => name === 'synth') });
