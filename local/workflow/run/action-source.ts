import { existsSync, globSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Action, loadAction } from '../definition/load.ts';

export interface ActionSource {
  readonly action: Action;
  /** True for an action of the repository itself (`./...`). */
  readonly local: boolean;
  /** `owner/repository`, '' for a local action. */
  readonly repository: string;
  readonly ref: string;
}

/**
 * Finds the action that a step `uses`: in the workspace, or the stand-in of a third-party action.
 * @throws Error that names the remedy.
 */
export function findAction(
  uses: string,
  folders: { readonly workspace: string; readonly standIns: string },
): ActionSource {
  if (uses.startsWith('docker://')) throw new Error(`${uses}: Docker actions are not supported by the local runner`);
  if (uses.startsWith('./')) return findLocalAction(uses, folders.workspace);
  const [path = '', ref = ''] = uses.split('@');
  const [owner, name] = path.split('/');
  const folder = join(folders.standIns, path);
  const action = isWithin(folders.standIns, folder) && existsSync(folder) ? loadAction(folder) : undefined;
  if (action) return { action, local: false, repository: `${owner}/${name}`, ref };
  throw new Error(
    `The local runner has no stand-in for ${uses}. Add one as local/workflow/standins/${path}/action.yml with the inputs and ` +
      `outputs of the real action, or skip the step locally with an \`if\`. There are stand-ins for ${listStandIns(folders.standIns)}.`,
  );
}

function findLocalAction(uses: string, workspace: string): ActionSource {
  const folder = resolve(workspace, uses);
  const action = isWithin(workspace, folder) ? loadAction(folder) : undefined;
  if (action) return { action, local: true, repository: '', ref: '' };
  throw new Error(
    `Can't find 'action.yml' or 'action.yaml' under '${folder}'. Did you forget to run actions/checkout before running your local action?`,
  );
}

function listStandIns(folder: string): string {
  return globSync('**/action.yml', { cwd: folder }).map(dirname).sort().join(', ');
}

function isWithin(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner === '' || (inner !== '..' && !inner.startsWith(`..${sep}`) && resolve(folder, inner) === resolve(path));
}
