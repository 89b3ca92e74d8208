import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is found on the PATH. */
export function programPath(name: string): string {
  const found = (process.env['PATH'] ?? '').split(delimiter).find((folder) => isExecutable(join(folder, name)));
  if (found === undefined) throw new Error(`${name} is not on the PATH`);
  return join(found, name);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
