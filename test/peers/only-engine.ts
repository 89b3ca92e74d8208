import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ENGINES = ['docker', 'dockerd', 'podman', 'buildah'];

export interface OnlyEngine {
  /** The engine forgets all images and steps. */
  forget(): void;
  /** From now on the engine fails when it is to leave its steps in a registry. */
  refuseSteps(): void;
  close(): void;
}

/** Lets this process, and what it starts, see one engine alone, with a store of its own. */
export function leaveOnly(engine: 'podman' | 'buildah'): OnlyEngine {
  const folder = mkdtempSync(join(tmpdir(), `slipway-${engine}-`));
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const others = ENGINES.filter((name) => name !== engine);
  const names = readdirSync('/usr/bin').filter((name) => !others.includes(name));
  for (const name of names) symlinkSync(join('/usr/bin', name), join(programs, name));
  const [store, run] = [join(folder, 'store'), join(folder, 'run')];
  const file = join(folder, 'storage.conf');
  writeFileSync(file, `[storage]\ndriver = "vfs"\ngraphroot = "${store}"\nrunroot = "${run}"\n`);
  const before = { ...process.env };
  Object.assign(process.env, { PATH: `${programs}:/usr/sbin`, CONTAINERS_STORAGE_CONF: file });
  const forget = (): void => {
    for (const path of [store, run]) rmSync(path, { recursive: true, force: true });
  };
  return {
    forget,
    refuseSteps() {
      const program = join(programs, engine);
      rmSync(program);
      const refuse = '*--help*) ;; *--cache-to*) echo "denied: the tag is immutable" >&2; exit 1;;';
      writeFileSync(program, `#!/bin/sh\ncase "$*" in ${refuse} esac\nexec /usr/bin/${engine} "$@"\n`, { mode: 0o755 });
    },
    close() {
      process.env['PATH'] = before['PATH'];
      if (before['CONTAINERS_STORAGE_CONF'] === undefined) delete process.env['CONTAINERS_STORAGE_CONF'];
      else process.env['CONTAINERS_STORAGE_CONF'] = before['CONTAINERS_STORAGE_CONF'];
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
