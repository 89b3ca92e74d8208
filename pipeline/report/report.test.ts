import { resume } from '../release/resume.ts';
import { createWorld } from '../release/testing.ts';
import { buildReport } from './build.ts';
import { code, codeBlock, plain } from './markdown.ts';
import { deployReport, resumeReport, rollbackReport } from './release.ts';

test('text from outside stays text', () => {
  expect(plain('a|b\n<img> @team `x` [y](z)')).toBe('a\\|b \\<img\\> @\u200bteam \\`x\\` \\[y\\](z)');
  expect(code('a|b ``c')).toBe('``` a\\|b ``c ```');
  expect(codeBlock(['```', 'x'])).toBe('````text\n```\nx\n````');
});

test('the build table says what was built and what was not', () => {
  const image = { digest: 'sha256:0123456789abcdef', tag: 't', key: 'k', bytesPushed: 0, seconds: 0.04 };
  const report = buildReport({
    web: { ...image, changed: true, bytesPushed: 1_234_567, seconds: 2.345 },
    api: { ...image, changed: false },
  });
  expect(report).toContain('### Images: 1 built, 1 unchanged, 1.2 MB pushed');
  expect(report).toContain('| web | built | `0123456789ab` | 1.2 MB | 2.3 s |');
  expect(report).toContain('| api | unchanged | `0123456789ab` | 0 B | 0.0 s |');
});

test('a release card names every service, why it moved and what it serves', async () => {
  const world = createWorld();
  await world.deploy('c000001');
  const report = deployReport(await world.deploy('c000002', { web: 'w2' }));
  expect(report).toMatch(/### staging: release \S+ is live/);
  expect(report).toMatch(/\| web \| image \| `w2` \| `staging-web:3` \| \d+\.\d s \|/);
  expect(report).toMatch(/\| scorer \| unchanged \| `s1` \| `2` \|/);
  expect(deployReport(await world.deploy('c000002', { web: 'w2' }))).toContain('nothing to deploy');
});

test('a failure card names service, check, expected and actual, and what serves now', async () => {
  const world = createWorld();
  await world.deploy('c000001');
  world.behaviours.set('sha256:w2', 'answers wrongly');
  const report = deployReport(await world.deploy('c000002', { web: 'w2' }));
  expect(report).toContain('| service | check | expected | actual |');
  expect(report).toContain('| web | web answers | `answer equals 42` | `answer is 41` |');
  expect(report).toContain('| web | put back | serves staging-web:2 again |');
});

test('a crash card carries the stopped reason and the last log lines', async () => {
  const world = createWorld();
  await world.deploy('c000001');
  world.behaviours.set('sha256:w2', 'crashes');
  const report = deployReport(await world.deploy('c000002', { web: 'w2' }));
  expect(report).toContain('Essential container in task exited (exit code 1)');
  expect(report).toContain('```text\nstarting\nError: model not found\n```');
});

test('a rollback card says how to resume', async () => {
  const world = createWorld('production');
  await world.deploy('c000001');
  await world.deploy('c000002', { web: 'w2' });
  const report = rollbackReport(await world.rollback());
  expect(report).toMatch(/### production: back on release \S+-c000001/);
  expect(report).toContain('run the rollback workflow with `resume` checked');
  expect(deployReport(await world.deploy('c000003'))).toContain('### production: frozen, nothing was deployed');
  expect(resumeReport(await resume('production', world.ports))).toContain('automatic deployments resumed');
});
