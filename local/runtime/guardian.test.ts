import { spawn } from 'node:child_process';
import { createGuardian } from './guardian.ts';
import { identify } from './process-identity.ts';
import { until } from './testing/cloud.ts';

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) if (identify(pid)) process.kill(-pid, 'SIGKILL');
});

/** A process group of two that ignore every signal that can be ignored. */
async function group(): Promise<{ leader: number; member: number }> {
  const script = "trap '' TERM HUP INT; sleep 60 & echo $!; wait";
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const member = await new Promise<number>((resolve) => child.stdout.once('data', (data) => resolve(Number(data))));
  started.push(child.pid ?? 0);
  return { leader: child.pid ?? 0, member };
}

test('groups that are on the list end with the guardian’s owner, others do not', async () => {
  const guardian = createGuardian();
  expect(guardian.pid).toBeUndefined();
  const [one, two, three] = [await group(), await group(), await group()];
  for (const { leader } of [one, two, three]) guardian.add(leader);
  guardian.remove(two.leader);
  guardian.remove(999_999_999);
  // What the death of this process does: the pipe is closed.
  guardian.close();
  for (const pid of [one.leader, one.member, three.leader, three.member])
    await until(`${pid} has ended`, () => identify(pid) === undefined);
  expect([identify(two.leader)?.pid, identify(two.member)?.pid]).toEqual([two.leader, two.member]);
});

test('a process that is killed takes its groups with it', async () => {
  const { leader } = await group();
  const program = `const { createGuardian } = await import(${JSON.stringify(import.meta.resolve('./guardian.ts'))});
    createGuardian().add(${leader}); console.log('ready'); setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => owner.stdout.once('data', resolve));
  owner.kill('SIGKILL');
  await until('the group has ended', () => identify(leader) === undefined);
});
