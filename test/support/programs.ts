import { accessSync, constants, existsSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const folders = (): string[] => (process.env['PATH'] ?? '').split(delimiter).filter((folder) => existsSync(folder));

/** Where a program is found on the PATH. */
export function programPath(name: string): string {
  const found = folders().find((folder) => isExecutable(join(folder, name)));
  if (found === undefined) throw new Error(`${name} is not on the PATH`);
  return join(found, name);
}

/** Fills a folder with links to every program on the PATH but some. */
export function linkProgramsExcept(folder: string, excluded: readonly string[]): void {
  for (const from of folders()) {
    for (const name of readdirSync(from)) {
      if (!excluded.includes(name) && !existsSync(join(folder, name))) linkOnce(join(from, name), join(folder, name));
    }
  }
}

/** A link that is there but leads nowhere counts as there. */
function linkOnce(target: string, link: string): void {
  try {
    symlinkSync(target, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
