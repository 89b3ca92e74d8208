import { DefinitionError, loadWorkflow, type Workflow } from '../../workflow/definition/load.ts';
import { git } from '../repository/git.ts';

export type WorkflowFile =
  | { readonly path: string; readonly ok: true; readonly workflow: Workflow }
  | { readonly path: string; readonly ok: false; readonly message: string };

/** The workflow files of a commit, valid or not. Files with the same content are parsed once. */
export interface Workflows {
  at(commit: string): Promise<readonly WorkflowFile[]>;
  /** The text of any file; nothing when the commit has none. */
  readFile(commit: string, path: string): Promise<string | undefined>;
}

const FOLDER = '.github/workflows';

export function createWorkflows(repository: string): Workflows {
  const parsed = new Map<string, Promise<WorkflowFile>>();

  async function load(path: string, blob: string): Promise<WorkflowFile> {
    const content = await git(repository, ['cat-file', 'blob', blob]);
    try {
      return { path, ok: true, workflow: await loadWorkflow(path, content) };
    } catch (error) {
      // Broken YAML makes the parser throw errors of its own.
      const message = error instanceof DefinitionError || error instanceof Error ? error.message : String(error);
      return { path, ok: false, message };
    }
  }

  return {
    async at(commit) {
      const list = await git(repository, ['ls-tree', '-z', commit, `${FOLDER}/`]);
      const files = list.split('\0').flatMap((line) => {
        const [, blob, path] = /^\d+ blob ([0-9a-f]+)\t(.*\.ya?ml)$/s.exec(line) ?? [];
        return blob && path ? [{ blob, path }] : [];
      });
      return Promise.all(
        files.map(({ blob, path }) => {
          const key = `${blob} ${path}`;
          const file = parsed.get(key) ?? load(path, blob);
          parsed.set(key, file);
          return file;
        }),
      );
    },
    async readFile(commit, path) {
      try {
        return await git(repository, ['cat-file', 'blob', `${commit}:${path}`]);
      } catch {
        return undefined;
      }
    },
  };
}
