import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startProvider } from '../../local/terraform/server.ts';
import { startAllServices } from '../../local/terraform/testing/cloud.ts';
import { provision } from '../../pipeline/provision/provision.ts';
import type { StackResult } from '../../pipeline/provision/types.ts';

const ROOT = join(import.meta.dirname, '../..');
const ORDER = [
  'bootstrap',
  'account',
  ...['staging', 'production'].flatMap((name) => ['platform', 'data', 'app'].map((layer) => `${name}-${layer}`)),
];

/** Applies every stack to a local cloud without containers, then plans each by itself. Seconds as Terraform took them, synthesis aside. */
export async function planTimes(): Promise<readonly StackResult[]> {
  const output = mkdtempSync(join(tmpdir(), 'slipway-bench-plan-'));
  const { cloud, remove } = await startAllServices();
  const provider = await startProvider({ cloud, port: 0 });
  try {
    const environment = environmentOf(cloud, provider.reattach);
    Object.assign(process.env, environment);
    const request = { root: ROOT, output, environment: { ...process.env, ...environment } };
    const applied = await provision({ ...request, stacks: ORDER, mode: 'apply' });
    if (!applied.ok) throw new Error(applied.problem);
    const planned: StackResult[] = [];
    for (const stack of ORDER) {
      const result = await provision({ ...request, stacks: [stack], mode: 'plan' });
      if (!result.ok) throw new Error(result.problem);
      planned.push(...result.stacks);
    }
    return planned;
  } finally {
    await provider.close();
    await remove();
    rmSync(output, { recursive: true, force: true });
  }
}

function environmentOf(
  cloud: { readonly home: string; readonly region: string; readonly endpoints: { readonly aws: string } },
  reattach: string,
): Record<string, string> {
  const configuration = join(cloud.home, 'terraform', 'terraform.rc');
  mkdirSync(dirname(configuration), { recursive: true });
  writeFileSync(configuration, '');
  return {
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    AWS_ENDPOINT_URL: cloud.endpoints.aws,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    TF_REATTACH_PROVIDERS: reattach,
    TF_CLI_CONFIG_FILE: configuration,
    CHECKPOINT_DISABLE: '1',
  };
}
