import { logOf, type Scene } from '../scene.ts';

const MINUTES = 60_000;
let scene: Scene;

/** drift.yml, which plans every stack. */
export function drift(given: () => Scene): void {
  beforeAll(() => {
    scene = given();
  });

  test(
    'a stack that drifts gets one issue with the difference, which is updated, and closed once the plan is empty',
    async () => {
      const quiet = await look();
      expect({ conclusion: quiet.conclusion, log: quiet.conclusion === 'success' ? '' : logOf(quiet) }).toEqual({
        conclusion: 'success',
        log: '',
      });
      expect(scene.github.issues()).toEqual([]);

      // Somebody opens the load balancer's group to another port, by hand.
      const groups = scene.records('aws_vpc_security_group_ingress_rule');
      const [[id, rule]] = groups.entries() as [[string, { id: string; attributes: Record<string, unknown> }]];
      groups.set(id, { ...rule, attributes: { ...rule.attributes, description: 'by hand' } });
      const first = await look();
      expect(first.conclusion).toBe('failure');
      expect(scene.github.issues()).toMatchObject([
        {
          title: expect.stringMatching(/^Drift: (?:staging|production)-platform$/),
          state: 'open',
          labels: ['drift'],
          author: 'github-actions[bot]',
        },
      ]);
      const [issue] = scene.github.issues();
      expect(issue?.body).toMatch(
        /changed `aws_vpc_security_group_ingress_rule\.[\w-]+`\n {2}- `description`: `by hand` →/,
      );
      expect(issue?.body).toMatch(/Nothing of it waits for a deployment/);

      groups.set(id, { ...rule, attributes: { ...rule.attributes, description: 'by hand, again' } });
      await look();
      expect(scene.github.issues()).toHaveLength(1);
      expect(scene.github.issues()[0]?.body).toContain('by hand, again');

      groups.set(id, rule);
      expect((await look()).conclusion).toBe('success');
      expect(scene.github.issues()).toMatchObject([{ state: 'closed' }]);
      expect(scene.github.comments(issue?.number ?? 0)).toMatchObject([{ body: expect.stringMatching(/empty again/) }]);
    },
    5 * MINUTES,
  );
}

async function look() {
  const [run] = await scene.finished([await scene.github.schedule('drift.yml')]);
  if (run === undefined) throw new Error('drift.yml did not run');
  return run;
}
