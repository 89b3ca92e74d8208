import { chmodSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that one container has on this machine, in one folder: `<home>/containers/<id>`. */
export const boxPath = (id: string): string => join('containers', id);

/** Creates a container's folder: `upper`, `work` and `root` for the overlay, a `tmp` that everybody may write to. */
export function createBox(home: string, id: string): void {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(id)) throw new Error(`'${id}' is not a container id`);
  const box = join(home, boxPath(id));
  for (const name of ['upper', 'work', 'root', 'tmp']) mkdirSync(join(box, name), { recursive: true });
  chmodSync(join(box, 'upper'), 0o755);
  chmodSync(join(box, 'tmp'), 0o1777);
}

export async function removeBox(home: string, id: string): Promise<void> {
  const box = join(home, boxPath(id));
  // The kernel leaves a folder in the overlay's work folder that nobody may read.
  try {
    chmodSync(join(box, 'work', 'work'), 0o700);
  } catch {
    // There was no overlay.
  }
  await rm(box, { recursive: true, force: true, maxRetries: 3 });
}
