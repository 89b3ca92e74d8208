import { provision } from '../../pipeline/provision/provision.ts';
import type { ProvisionMode, ProvisionRequest, ProvisionResult } from '../../pipeline/provision/types.ts';
import type { Progress } from '../../pipeline/release/ports.ts';
import type { Surroundings } from './surroundings.ts';

export interface ProvisionInputs extends Pick<ProvisionRequest, 'output' | 'synthesized' | 'skipUnchanged' | 'review'> {
  readonly stacks: readonly string[];
  readonly mode: ProvisionMode;
  /** Variables on top of the run's own. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs Terraform in the checkout of a workflow run. */
export function runProvision(
  { variables, ...inputs }: ProvisionInputs,
  { root, project }: Surroundings,
  progress: Progress,
): Promise<ProvisionResult> {
  const environment = { ...process.env, SLIPWAY_REPOSITORY: project.repository, ...variables };
  const onProgress = ({ stack, message }: { stack?: string; message: string }): void =>
    progress.line(stack === undefined ? message : `${stack}: ${message}`);
  return provision({ ...inputs, root, environment, onProgress });
}
