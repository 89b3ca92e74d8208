import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Run {
  readonly code: number;
  /** Standard output and standard error. */
  readonly output: string;
}

/** A reference in Terraform's JSON syntax: `ref('aws_vpc.main.id')`. */
export const ref = (expression: string): string => `\${${expression}}`;

/** A folder with a Terraform configuration and its state, for tests that run the real terraform binary. */
export interface Workspace {
  readonly folder: string;
  /** Writes the configuration (Terraform's JSON syntax). */
  write(configuration: object): void;
  run(...args: string[]): Promise<Run>;
  /** `apply -auto-approve`; throws with terraform's output if it fails. */
  apply(configuration?: object): Promise<string>;
  /** `plan -detailed-exitcode`: 0 no changes, 1 error, 2 changes. */
  plan(configuration?: object): Promise<Run>;
  /** Attributes of a resource in the state. */
  attributes(address: string): Promise<Record<string, unknown>>;
  remove(): void;
}

export function createWorkspace(reattach: () => string): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-terraform-'));
  const cliConfig = join(folder, 'empty.tfrc');
  writeFileSync(cliConfig, '');
  let isInitialized = false;
  const environment = () => ({
    PATH: process.env['PATH'],
    HOME: folder,
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    TF_REATTACH_PROVIDERS: reattach(),
  });
  const terraform = (args: readonly string[]) => execute('terraform', args, { cwd: folder, env: environment() });
  const write = (configuration: object) => {
    const required_providers = { aws: { source: 'hashicorp/aws', version: '6.25.0' } };
    const complete = {
      terraform: { required_providers },
      provider: { aws: { region: 'us-east-1' } },
      ...configuration,
    };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(complete, undefined, 2));
  };
  const run = async (...args: string[]): Promise<Run> => {
    if (!isInitialized) {
      const init = await terraform(['init', '-input=false', '-no-color']);
      if (init.code !== 0) throw new Error(init.output);
      isInitialized = true;
    }
    return terraform(args);
  };
  return {
    folder,
    write,
    run,
    async apply(configuration) {
      if (configuration) write(configuration);
      const { code, output } = await run('apply', '-auto-approve', '-input=false', '-no-color');
      if (code !== 0) throw new Error(output);
      return output;
    },
    plan(configuration) {
      if (configuration) write(configuration);
      return run('plan', '-detailed-exitcode', '-input=false', '-no-color');
    },
    async attributes(address) {
      const state = JSON.parse(readFileSync(join(folder, 'terraform.tfstate'), 'utf8')) as State;
      const [type, name] = address.split('.');
      const found = state.resources.find((resource) => resource.type === type && resource.name === name);
      if (!found?.instances[0]) throw new Error(`${address} is not in the state`);
      return found.instances[0].attributes;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface State {
  readonly resources: readonly {
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly attributes: Record<string, unknown> }[];
  }[];
}

function execute(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
