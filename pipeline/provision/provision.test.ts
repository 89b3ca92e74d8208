import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planIsEmpty, provision } from './provision.ts';
import { createCheckout, memoryPorts, stackOf } from './testing.ts';
import type { ProvisionRequest } from './types.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

function checkout(stacks: Readonly<Record<string, object>>) {
  const { root, write } = createCheckout(stacks);
  roots.push(root);
  const ports = memoryPorts();
  const run = (request: Partial<ProvisionRequest> & Pick<ProvisionRequest, 'stacks'>) =>
    provision({ root, mode: 'apply', environment: { PATH: process.env['PATH'] }, ...request }, ports);
  return { root, write, run, ports };
}

const statuses = (result: Awaited<ReturnType<typeof provision>>) => result.stacks.map(({ status }) => status);

describe('provision with the real Terraform', () => {
  test('applies, skips what did not change, plans, destroys', async () => {
    const { run, write } = checkout({ 'staging-platform': stackOf({ one: '1', two: '2' }) });
    const stacks = ['staging-platform'];
    const applied = await run({ stacks });
    expect(applied).toMatchObject({ ok: true, stacks: [{ status: 'applied', add: 2, change: 0, destroy: 0 }] });
    expect(applied.stacks[0]?.changes).toContain('create terraform_data.one');
    expect(statuses(await run({ stacks }))).toEqual(['unchanged']);
    const empty = await run({ stacks, mode: 'plan' });
    expect(statuses(empty)).toEqual(['no-changes']);
    expect(planIsEmpty(empty.stacks)).toBe(true);

    write({ 'staging-platform': stackOf({ one: 'other' }) });
    const planned = await run({ stacks, mode: 'plan' });
    expect(planned).toMatchObject({ ok: true, stacks: [{ status: 'changes', add: 0, change: 1, destroy: 1 }] });
    expect(planIsEmpty(planned.stacks)).toBe(false);

    expect(await run({ stacks, mode: 'destroy' })).toMatchObject({
      ok: true,
      stacks: [{ status: 'destroyed', destroy: 2 }],
    });
    expect(await run({ stacks })).toMatchObject({ ok: true, stacks: [{ status: 'applied', add: 1 }] });
  });

  test('a changed platform is a reason to apply what stands on it, too', async () => {
    const data = stackOf({ table: 't' });
    const { run, write } = checkout({ 'staging-platform': stackOf({ vpc: '1' }), 'staging-data': data });
    const stacks = ['staging-data', 'staging-platform'];
    expect(statuses(await run({ stacks }))).toEqual(['applied', 'applied']);
    expect(statuses(await run({ stacks }))).toEqual(['unchanged', 'unchanged']);
    write({ 'staging-platform': stackOf({ vpc: '2' }), 'staging-data': data });
    expect(statuses(await run({ stacks }))).toEqual(['no-changes', 'applied']);
  });

  test('a failure is explained, and stops what stands on it', async () => {
    const broken = { resource: { terraform_data: { one: { input: '$' + '{nothing.here}' } } } };
    const { run } = checkout({ 'staging-platform': broken, 'staging-app': stackOf({ one: '1' }) });
    const result = await run({ stacks: ['staging-platform', 'staging-app'] });
    if (result.ok) throw new Error('was accepted');
    expect(statuses(result)).toEqual(['failed', 'failed']);
    expect(result.problem).toMatch(/staging-platform: Reference to undeclared resource/);
    expect(result.problem).toMatch(/staging-app: Not run, because staging-platform failed/);
  });

  test('an interrupt reaches Terraform once, is waited for, and what was done is kept', async () => {
    const slow = {
      provisioner: { 'local-exec': { command: 'touch started; exec sleep 60' } },
      depends_on: ['terraform_data.one'],
    };
    const { root } = checkout({
      'staging-platform': { resource: { terraform_data: { one: { input: '1' }, two: slow } } },
    });
    const script = join(root, 'run.ts');
    const folder = import.meta.dirname;
    writeFileSync(
      script,
      `import { provision } from '${folder}/provision.ts';
       import { memoryPorts } from '${folder}/testing.ts';
       const request = { root: '${root}', stacks: ['staging-platform'], mode: 'apply', environment: process.env };
       console.log(JSON.stringify(await provision(request, memoryPorts())));`,
    );
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const started = join(root, 'cdktf.out/stacks/staging-platform/started');
    while (!existsSync(started) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGTERM');
    await once(child, 'close');
    const result = JSON.parse(output);
    expect(result).toMatchObject({ ok: false, stacks: [{ status: 'failed' }] });
    expect(result.problem).toMatch(/^Cancelled; Terraform saved/);
    expect(existsSync(join(root, 'staging-platform.tfstate'))).toBe(true);
  }, 30_000);
});

describe('provision without a Terraform that can do it', () => {
  const one = { 'staging-platform': stackOf({ one: '1' }) };

  test('missing', async () => {
    const { run } = checkout(one);
    const result = await run({ stacks: ['staging-platform'], terraform: '/nowhere/terraform' });
    expect(result).toMatchObject({ ok: false, stacks: [] });
    expect(result).toHaveProperty(
      'problem',
      expect.stringMatching(/cannot be started.*ENOENT.*Install Terraform 1\.11/),
    );
  });

  test('too old', async () => {
    const { root, run } = checkout(one);
    const old = join(root, 'terraform-old');
    writeFileSync(old, `#!/bin/sh\necho '{"terraform_version": "1.9.8"}'\n`, { mode: 0o755 });
    const result = await run({ stacks: ['staging-platform'], terraform: old });
    expect(result).toHaveProperty('problem', expect.stringMatching(/Terraform 1\.9 is too old/));
  });
});

test('a synthesis that fails says why, and nothing runs', async () => {
  const { run } = checkout({});
  const result = await run({ stacks: ['nope'] });
  expect(result).toMatchObject({ ok: false, stacks: [] });
  expect(result).toHaveProperty('problem', expect.stringContaining('There is no stack nope'));
});

test('wrong project settings are a value', async () => {
  const { root, run } = checkout({});
  writeFileSync(join(root, 'slipway.json'), '{}');
  expect(await run({ stacks: ['account'] })).toMatchObject({
    ok: false,
    problem: expect.stringContaining('app: is missing'),
  });
});
