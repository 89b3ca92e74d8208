import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from './types.ts';

const FOLDER = join(import.meta.dirname, 'data');

/** All controls, topic by topic. */
export function loadControls(): readonly Control[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => {
      const controls = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as readonly Omit<Control, 'topic'>[];
      return controls.map((control) => ({ ...control, topic: file.replace('.json', '') }));
    });
}
