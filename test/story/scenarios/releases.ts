import type { RunReport } from '../../../local/cli/cloud/wire.ts';
import { EDITED_FILE, roundDifferently } from '../../../local/cli/story/edit.ts';
import { readLedger, servedDigests } from '../../support/aws.ts';
import { call, git } from '../../support/control.ts';
import type { TestHome } from '../../support/home.ts';

const MINUTES = 2 * 60_000;

const errorsOf = (runs: readonly RunReport[] = []): readonly string[] =>
  runs.flatMap(({ jobs }) => jobs.flatMap(({ errors }) => errors));

/** What guards an environment once it has a history: rollbacks, the freeze, the order of commits. */
export function releases(home: TestHome): void {
  describe('an environment with a history', () => {
    test(
      'is rolled back twice, each time further, and is frozen then',
      async () => {
        const restored: (string | undefined)[] = [];
        for (const reason of ['first', 'second']) {
          const words = ['rollback', '--environment', 'staging', '--reason', reason];
          const { code, lines } = await home.json(words);
          expect({ code, errors: errorsOf(lines[0]?.['runs']) }).toEqual({ code: 0, errors: [] });
          const { head, freeze, releases } = await readLedger(home, 'staging');
          const live = releases.find(({ id }) => id === head?.release);
          expect(live).toMatchObject({ kind: 'rollback', status: 'live' });
          expect(freeze?.reason).toContain(reason);
          const served = await servedDigests(home, 'staging');
          for (const [service, digest] of Object.entries(served)) expect(live?.services[service]?.digest).toBe(digest);
          restored.push(live?.restores);
        }
        const [first = '', second = ''] = restored;
        expect(second < first).toBe(true);
      },
      MINUTES,
    );

    test(
      'takes nothing while it is frozen, nor does what comes after it, until it is resumed',
      async () => {
        const look = async () => Promise.all(['staging', 'production'].map((name) => servedDigests(home, name)));
        const before = await look();
        const { head } = await readLedger(home, 'staging');
        const { text } = await call<{ text: string }>(home, 'file', { path: EDITED_FILE });
        const { runs } = await call<{ runs: RunReport[] }>(home, 'commit', {
          message: 'While staging is frozen',
          files: { [EDITED_FILE]: roundDifferently(text).text },
        });
        const run = runs.find(({ workflow }) => workflow === 'deploy.yml');
        const outcomes = run?.jobs.map(({ name, conclusion, outputs }) => [name, conclusion, outputs['outcome']]);
        expect(outcomes).toContainEqual(['staging', 'success', 'frozen']);
        expect(outcomes).toContainEqual(['production', 'skipped', undefined]);
        expect(await look()).toEqual(before);
        expect((await readLedger(home, 'staging')).head).toEqual(head);

        expect((await home.json(['rollback', '--resume', '--environment', 'staging'])).code).toBe(0);
        expect((await readLedger(home, 'staging')).freeze).toBeUndefined();
        const next = await call<RunReport>(home, 'dispatch', { workflow: 'deploy.yml', inputs: {} });
        expect(errorsOf([next])).toEqual([]);
        expect((await readLedger(home, 'staging')).head?.commit).toBe(await git(home, ['rev-parse', 'main']));
      },
      MINUTES,
    );

    test(
      'never takes an older commit in place of a newer one',
      async () => {
        const newest = await git(home, ['rev-parse', 'main']);
        const older = await git(home, ['rev-parse', 'main~1']);
        const before = await servedDigests(home, 'staging');
        await git(home, ['update-ref', 'refs/heads/main', older]);
        try {
          const run = await call<RunReport>(home, 'dispatch', { workflow: 'deploy.yml', inputs: {} });
          expect(run.conclusion).toBe('failure');
          expect(errorsOf([run]).join('\n')).toMatch(/is older than/);
        } finally {
          await git(home, ['update-ref', 'refs/heads/main', newest]);
        }
        expect(await servedDigests(home, 'staging')).toEqual(before);
      },
      MINUTES,
    );
  });
}
