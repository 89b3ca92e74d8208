import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of one job; all but the logs are deleted when the job is over. */
export interface JobFolders {
  readonly root: string;
  /** GITHUB_WORKSPACE: empty until a step checks something out. */
  readonly workspace: string;
  /** RUNNER_TEMP. */
  readonly temp: string;
  /** HOME, so that nothing of the developer's configuration is seen. */
  readonly home: string;
  /** GITHUB_EVENT_PATH. */
  readonly eventFile: string;
  /** The files behind GITHUB_ENV, GITHUB_OUTPUT and the like. */
  readonly commands: string;
  readonly logs: string;
}

/** Makes the folders of a job. `name` is the repository's name, as GitHub nests the workspace. */
export function createJobFolders(request: {
  /** For logs, which stay. */
  readonly run: string;
  /** For everything else. */
  readonly scratch: string;
  readonly job: number;
  readonly name: string;
  readonly event: unknown;
}): JobFolders {
  const root = join(request.scratch, String(request.job));
  const folders: JobFolders = {
    root,
    workspace: join(root, request.name, request.name),
    temp: join(root, 'temp'),
    home: join(root, 'home'),
    eventFile: join(root, 'event.json'),
    commands: join(root, 'commands'),
    logs: join(request.run, 'logs', String(request.job)),
  };
  const { workspace, temp, home, commands, logs } = folders;
  for (const folder of [workspace, temp, home, commands, logs]) mkdirSync(folder, { recursive: true });
  writeFileSync(folders.eventFile, JSON.stringify(request.event));
  return folders;
}

export function deleteJobFolders(folders: JobFolders): void {
  rmSync(folders.root, { recursive: true, force: true, maxRetries: 3 });
}
