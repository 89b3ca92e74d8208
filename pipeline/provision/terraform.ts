import { join } from 'node:path';
import type { CommandResult, Execute } from './command.ts';
import { progressOf, readReport, type TerraformReport } from './messages.ts';

/** First version that locks S3 state without a DynamoDB table. */
export const MINIMUM_VERSION = [1, 11] as const;

const LOCK_WAIT = '30s';
/** In the stack's folder; holds values of the state, so it never leaves the machine. */
const PLAN_FILE = 'plan.tfplan';
const PARALLELISM = 30;
const INSTALL =
  'Install Terraform 1.11 or later (https://developer.hashicorp.com/terraform/install) and put it on the PATH';

export interface TerraformSettings {
  readonly binary: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder with one folder per stack. */
  readonly stacksFolder: string;
  readonly execute: Execute;
  readonly signal: AbortSignal;
}

export type TerraformRun =
  | { readonly ok: true; readonly report: TerraformReport }
  | { readonly ok: false; readonly errors: readonly string[] };

/** `apply-plan` applies what `plan` saved, and nothing else. */
export type TerraformCommand = 'plan' | 'apply' | 'apply-plan' | 'destroy';

/** The Terraform binary, as far as it is needed here. */
export interface Terraform {
  /** What is wrong with the binary; undefined when it can be used. */
  problem(): Promise<string | undefined>;
  init(stack: string): Promise<TerraformRun>;
  run(command: TerraformCommand, stack: string, onProgress: (message: string) => void): Promise<TerraformRun>;
  /** The saved plan of a stack as JSON text; undefined when it cannot be read. */
  show(stack: string): Promise<string | undefined>;
}

export function createTerraform(settings: TerraformSettings): Terraform {
  const { binary, stacksFolder, execute, signal } = settings;
  const environment = { ...settings.environment, TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' };
  const start = (
    folder: string,
    parameters: readonly string[],
    onLine?: (line: string) => void,
  ): Promise<CommandResult> =>
    execute({ program: binary, parameters, folder, environment, ...(onLine ? { onLine } : {}) }, signal);
  return {
    async problem() {
      const result = await start('.', ['version', '-json']);
      return result.started
        ? versionProblem(result.stdout)
        : `Terraform cannot be started (${result.reason}). ${INSTALL}.`;
    },
    async init(stack) {
      return toRun(await start(join(stacksFolder, stack), initParameters(environment)));
    },
    async run(command, stack, onProgress) {
      const result = await start(join(stacksFolder, stack), PARAMETERS[command], (line) => {
        const message = progressOf(line);
        if (message !== undefined) onProgress(message);
      });
      return toRun(result);
    },
    async show(stack) {
      const result = await start(join(stacksFolder, stack), ['show', '-json', PLAN_FILE]);
      return result.started && result.code === 0 ? result.stdout : undefined;
    },
  };
}

const PARAMETERS: Readonly<Record<TerraformCommand, readonly string[]>> = {
  // A plan changes nothing, and drift is looked for with a role that could not take the lock.
  plan: ['plan', '-json', '-lock=false', `-out=${PLAN_FILE}`, `-parallelism=${PARALLELISM}`],
  'apply-plan': ['apply', '-json', `-lock-timeout=${LOCK_WAIT}`, `-parallelism=${PARALLELISM}`, PLAN_FILE],
  apply: ['apply', '-json', '-auto-approve', `-lock-timeout=${LOCK_WAIT}`, `-parallelism=${PARALLELISM}`],
  destroy: ['destroy', '-json', '-auto-approve', `-lock-timeout=${LOCK_WAIT}`, `-parallelism=${PARALLELISM}`],
};

function initParameters(environment: Readonly<Record<string, string | undefined>>): string[] {
  // A folder may have been initialized for another account before; the state itself is in the bucket.
  const parameters = ['init', '-json', '-reconfigure'];
  // An endpoint of one's own has no DNS names for buckets.
  return environment['AWS_ENDPOINT_URL'] ? [...parameters, '-backend-config=use_path_style=true'] : parameters;
}

function toRun(result: CommandResult): TerraformRun {
  if (!result.started) return { ok: false, errors: [`Terraform cannot be started (${result.reason}). ${INSTALL}.`] };
  const report = readReport(result.stdout);
  if (result.code === 0) return { ok: true, report };
  if (report.errors.length > 0) return { ok: false, errors: report.errors };
  const last = result.stderr.trim() || result.stdout.trim().split('\n').at(-1) || `exit code ${result.code}`;
  return { ok: false, errors: [last] };
}

function versionProblem(stdout: string): string | undefined {
  const version = /"terraform_version":\s*"(\d+)\.(\d+)/.exec(stdout);
  if (version === null) return `Terraform did not say its version. ${INSTALL}.`;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const [needMajor, needMinor] = MINIMUM_VERSION;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return undefined;
  return `Terraform ${major}.${minor} is too old. ${INSTALL}.`;
}
