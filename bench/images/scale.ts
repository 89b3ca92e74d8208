import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '../../local/registry/registry.ts';
import { assembleStandInBase } from '../../local/registry/standin-base.ts';
import { buildServices } from '../../pipeline/image/build.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import type { Row } from '../row.ts';

const repository = join(import.meta.dirname, '../..');
const SIZES = [1, 10, 50, 200] as const;

/** How build time grows with the number of services when one of them changed; every service imports a shared module. */
export async function* scale(): AsyncGenerator<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-scale-'));
  const registry = await createRegistry({ folder: join(folder, 'registry'), port: 0 });
  try {
    const host = `127.0.0.1:${registry.port}`;
    const base = (await assembleStandInBase({ registry: { host }, root: repository })).reference;
    for (const size of SIZES) {
      const root = join(folder, `with-${size}`);
      const manifests = createServices(root, size);
      const build = async (): Promise<number> => {
        const started = performance.now();
        const results = await buildServices({
          root,
          manifests,
          commit: `bench-${Date.now()}`,
          registry: { host },
          app: `scale${size}`,
          base,
        });
        const problem = results.find((result) => !result.ok);
        if (problem && !problem.ok) throw new Error(`${problem.service}: ${problem.problem}`);
        return Math.round(performance.now() - started);
      };
      await build();
      writeFileSync(join(root, 'services/service-0/main.ts'), source(1));
      yield { bench: 'images-scale', case: `${size} services, one changed`, unit: 'ms', ours: await build() };
      yield { bench: 'images-scale', case: `${size} services, none changed`, unit: 'ms', ours: await build() };
    }
  } finally {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const source = (edit: number): string => `import { shared } from '../kit/shared.ts';\nconsole.log(shared, ${edit});\n`;

function createServices(root: string, size: number): Manifest[] {
  mkdirSync(join(root, 'services/kit'), { recursive: true });
  writeFileSync(join(root, 'services/kit/shared.ts'), "export const shared = 'shared';\n");
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(root, 'package-lock.json'),
    '{"lockfileVersion":3,"packages":{"":{},"node_modules/esbuild":{"version":"0.0.0"}}}',
  );
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  return Array.from({ length: size }, (_, index) => {
    const name = `service-${index}`;
    mkdirSync(join(root, 'services', name));
    writeFileSync(join(root, 'services', name, 'main.ts'), source(0));
    const common = { description: 'for measuring', entry: 'main.ts', builder: 'node', cpu: 256, memory: 512 } as const;
    return { name, kind: 'web', port: 8080, health: '/health', routes: [`/${name}`], ...common };
  });
}
