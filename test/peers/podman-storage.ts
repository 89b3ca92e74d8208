import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface PodmanStorage {
  /** For CONTAINERS_STORAGE_CONF. */
  readonly file: string;
  close(): Promise<void>;
}

/** Images and containers of a test's own: nothing of it stays in this machine's Podman. */
export function createPodmanStorage(): PodmanStorage {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-podman-'));
  const file = join(folder, 'storage.conf');
  const [graph, run] = [join(folder, 'graph'), join(folder, 'run')];
  writeFileSync(file, `[storage]\ndriver = "overlay"\ngraphroot = "${graph}"\nrunroot = "${run}"\n`);
  return {
    file,
    async close() {
      const env = { ...process.env, CONTAINERS_STORAGE_CONF: file };
      await promisify(execFile)('podman', ['rmi', '--all', '--force'], { env });
      const { stdout } = await promisify(execFile)('findmnt', ['--raw', '--noheadings', '--output', 'TARGET']);
      const mounts = stdout.split('\n').filter((target) => target.startsWith(`${folder}/`));
      for (const target of mounts.toReversed()) await promisify(execFile)('umount', [target]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
