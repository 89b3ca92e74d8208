import { type RoleDocuments, replay, type UsedAccess } from '../../../pipeline/iam/replay.ts';
import { call } from '../../support/control.ts';
import type { TestHome } from '../../support/home.ts';

/** Everything that the pipeline's roles and the services' roles were seen to do is allowed to them by the policies that Terraform gave them. */
export function access(home: TestHome): void {
  test('no role used a permission that its policies do not give', async () => {
    const { roles, used, region } = await call<{ roles: RoleDocuments[]; used: UsedAccess[]; region: string }>(
      home,
      'access',
    );
    const uses = replay(roles, used, region);
    expect(
      uses.flatMap(({ role, refused }) => refused.map(({ request, because }) => ({ role, ...request, because }))),
    ).toEqual([]);
    const active = uses.filter((use) => use.used.length > 0).map(({ role }) => role);
    const expected = [
      'ci-build',
      'ci-plan',
      'ci-preview',
      'ci-deploy-staging',
      'ci-deploy-production',
      'production-web-task',
    ];
    expect(active).toEqual(expect.arrayContaining(expected.map((name) => `slipway-${name}`)));
  });
}
