import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const cost = (words: readonly string[], profile = 'standard'): string =>
  execFileSync(process.execPath, [join(ROOT, 'tools', 'cost.ts'), ...words], {
    cwd: ROOT,
    env: { ...process.env, SLIPWAY_PROFILE: profile },
    encoding: 'utf8',
  });

interface Line {
  readonly environment: string;
  readonly monthly: number;
  readonly unknown: readonly string[];
  readonly perDay?: number;
}

test('npm run cost prices every resource of every environment, and a preview per day', () => {
  const costs = cost(['--json'])
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(costs.map(({ environment }) => environment)).toEqual(['account', 'production', 'staging', 'pr-1']);
  for (const { monthly, unknown } of costs) {
    expect(monthly).toBeGreaterThan(1);
    expect(unknown).toEqual([]);
  }
  expect(costs.at(-1)?.perDay).toBeGreaterThan(0.1);
});

test.each([
  ['standard', 135],
  ['shoestring', 100],
])('%s: account, production, staging and one preview stay below %d dollars a month', (profile, aim) => {
  const total = Number(/^total +a month +\$([\d.]+)$/m.exec(cost([], profile))?.[1]);
  expect(total).toBeGreaterThan(aim / 2);
  expect(total).toBeLessThan(aim);
});
