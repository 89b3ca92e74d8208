import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clusterName, serviceName } from '../../../pipeline/manifest/names.ts';
import { awsOptions } from '../../support/aws.ts';
import { until } from '../../support/control.ts';
import type { TestHome } from '../../support/home.ts';

const MINUTES = 2 * 60_000;

/** What a person makes go wrong in a running local cloud, and takes back. */
export function faults(home: TestHome): void {
  describe('on purpose', () => {
    test('a call is denied until the fault is cleared', async () => {
      const sts = new STSClient({ ...awsOptions(home), maxAttempts: 1 });
      const ask = () => sts.send(new GetCallerIdentityCommand({}));
      const added = await home.json(['faults', 'add', 'sts:*', '--effect', 'deny']);
      expect(added).toMatchObject({ code: 0, lines: [{ ok: true, faults: [{ operation: 'sts:*', hits: 0 }] }] });
      await expect(ask()).rejects.toMatchObject({ name: 'AccessDeniedException' });
      const { lines } = await home.json(['faults']);
      expect(lines[0]?.['faults'][0].hits).toBe(1);
      expect((await home.json(['faults', 'clear'])).lines[0]?.['faults']).toEqual([]);
      await ask();
    });

    test('a rule without sense is refused in words', async () => {
      const { code, lines } = await home.json(['faults', 'add', 'nonsense', '--effect', 'fail']);
      expect({ code, lines }).toMatchObject({
        code: 1,
        lines: [{ ok: false, error: expect.stringContaining('has to be like') }],
      });
    });

    test(
      'tasks crash, and others take their place',
      async () => {
        const tasks = async () => {
          const service = { cluster: clusterName('staging'), serviceName: serviceName('staging', 'inference') };
          const { taskArns = [] } = await new ECSClient(awsOptions(home)).send(new ListTasksCommand(service));
          return taskArns;
        };
        const before = await tasks();
        const { lines } = await home.json(['faults', 'crash', '--service', 'inference']);
        expect(lines).toMatchObject([{ ok: true, crashed: before.length }]);
        await until(async () => {
          const now = await tasks();
          return now.length === before.length && now.every((task) => !before.includes(task));
        });
      },
      MINUTES,
    );

    test('health checks fail until that is cleared; a runner is lost only where one runs', async () => {
      const { lines } = await home.json(['faults', 'unhealthy', '--service', 'web']);
      expect(lines).toMatchObject([{ ok: true, unhealthy: [expect.stringContaining('web')] }]);
      expect((await home.json(['faults', 'clear'])).lines[0]?.['unhealthy']).toEqual([]);
      const lost = await home.json(['faults', 'lose-runner']);
      expect(lost).toMatchObject({ code: 1, lines: [{ ok: false, error: 'No workflow runs' }] });
    });
  });
}
