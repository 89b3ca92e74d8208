import { join } from 'node:path';
import { provision } from '../../../pipeline/provision/provision.ts';
import { type CallContext, CallRefused } from './control.ts';
import type { MethodContext } from './methods.ts';
import { localProject } from './project.ts';
import { followRuns } from './runs.ts';
import { reportLedger } from './status.ts';
import type { RunReport } from './wire.ts';

/**
 * Makes the working tree `main`, then does what README.md asks of an administrator once (the stacks bootstrap and account, without which no workflow has a role), and lets deploy.yml do
 * the rest.
 */
export async function bootstrap(
  context: MethodContext,
  call: CallContext,
): Promise<{ commit: string; runs: RunReport[] }> {
  const { local, root } = context;
  const { github } = local;
  call.emit({ text: 'settling what was interrupted' });
  await context.recovered;
  call.emit({ text: 'snapshot of the working tree' });
  const commit = await github.seedRepository({ from: root, message: 'Working tree' });
  await applyAccount(context, call);
  if ((await reportLedger(context, 'production'))?.commit === commit) return { commit, runs: [] };
  const run = await github.dispatch('deploy.yml', 'refs/heads/main');
  return { commit, runs: await followRuns(github, [run], call) };
}

async function applyAccount({ local, root, ports }: MethodContext, call: CallContext): Promise<void> {
  const project = localProject(ports);
  const result = await provision({
    root,
    stacks: ['bootstrap', 'account'],
    mode: 'apply',
    // Not in the working tree: two local clouds may bring up the same one at the same time.
    output: join(local.cloud.home, 'terraform', 'cdktf.out'),
    signal: call.signal,
    environment: {
      ...process.env,
      ...local.environment,
      SLIPWAY_APP: project.app,
      SLIPWAY_ACCOUNT_ID: project.accountId,
      SLIPWAY_DOMAIN: project.domain,
      SLIPWAY_URL_PATTERN: project.urlPattern,
      SLIPWAY_REPOSITORY: project.repository,
      SLIPWAY_OIDC_SUBJECT: project.oidcSubject,
      SLIPWAY_ARCHITECTURE: project.architecture,
    },
    onProgress: ({ stack, message }) => call.emit({ text: stack ? `${stack}: ${message}` : message }),
  });
  if (!result.ok) throw new CallRefused(result.problem);
}
