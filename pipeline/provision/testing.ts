import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from './command.ts';
import type { ProvisionPorts } from './provision.ts';

const SETTINGS = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'o/r',
};

/** A program that does what main.ts does, with stacks from stacks.json: Terraform's own resources, local state. */
const MAIN = `
  import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  const stacks = JSON.parse(readFileSync('stacks.json', 'utf8'));
  for (const id of process.env.SLIPWAY_STACKS.split(',')) {
    if (stacks[id] === undefined) { console.error('There is no stack ' + id); process.exit(1); }
    const folder = process.env.CDKTF_OUTDIR + '/stacks/' + id;
    mkdirSync(folder, { recursive: true });
    const terraform = { backend: { local: { path: process.cwd() + '/' + id + '.tfstate' } } };
    writeFileSync(folder + '/cdk.tf.json', JSON.stringify({ terraform, ...stacks[id] }));
  }
`;

/** A checkout in a temporary folder. */
export function createCheckout(stacks: Readonly<Record<string, object>>): {
  root: string;
  write(stacks: object): void;
} {
  const root = mkdtempSync(join(tmpdir(), 'slipway-provision-'));
  mkdirSync(root, { recursive: true });
  const write = (content: object): void => writeFileSync(join(root, 'stacks.json'), JSON.stringify(content));
  writeFileSync(join(root, 'slipway.json'), JSON.stringify(SETTINGS));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'main.ts'), MAIN);
  write(stacks);
  return { root, write };
}

/** A stack of Terraform's own resources: name -> value that is stored. */
export const stackOf = (values: Readonly<Record<string, string>>): object => ({
  resource: { terraform_data: Object.fromEntries(Object.entries(values).map(([name, input]) => [name, { input }])) },
});

/** Real programs, records and state bucket in memory. */
export function memoryPorts(): ProvisionPorts & { readonly records: { readonly known: Map<string, string> } } {
  const known = new Map<string, string>();
  return {
    execute,
    records: {
      known,
      read: async (stacks) => new Map([...known].filter(([stack]) => stacks.includes(stack))),
      write: async (stack, value) => void known.set(stack, value),
      remove: async (stack) => void known.delete(stack),
    },
    state: {
      ensureBucket: async () => false,
      deleteState: async () => undefined,
      unlock: async () => undefined,
    },
  };
}
