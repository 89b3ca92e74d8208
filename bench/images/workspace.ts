import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');
const EDITED = 'services/inference/src/postprocess.ts';
const DOCKERFILE = (base: string): string => `FROM ${base}
WORKDIR /app
COPY node_modules node_modules
COPY main.mjs main.mjs
USER 1000
ENTRYPOINT ["/usr/local/bin/node", "main.mjs"]
`;

/** A checkout that can be edited, and a build context with a Dockerfile for the same service. */
export interface Workspace {
  readonly folder: string;
  readonly root: string;
  readonly context: string;
  /** Changes one line of the service, differently each time. */
  edit(): void;
  remove(): void;
}

export function createWorkspace(base: string): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-images-'));
  const root = join(folder, 'checkout');
  const context = join(folder, 'context');
  mkdirSync(root);
  for (const name of ['services', 'pipeline', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(join(repository, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  copyNativePackages(context);
  writeFileSync(join(context, 'Dockerfile'), DOCKERFILE(base));
  const original = readFileSync(join(root, EDITED), 'utf8');
  let edits = 0;
  return {
    folder,
    root,
    context,
    edit() {
      edits += 1;
      writeFileSync(
        join(root, EDITED),
        `${original}\nexport const EDIT = ${edits * 1000 + process.pid};\nconsole.log(EDIT);\n`,
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** ONNX Runtime for linux/x64 only: the peers get the same trimmed package as we, or they would push six times as much. */
function copyNativePackages(context: string): void {
  const foreign = /onnxruntime-node\/bin\/napi-v\d+\/(darwin|win32|linux\/arm64)/;
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
    cpSync(join(repository, 'node_modules', name), join(context, 'node_modules', name), {
      recursive: true,
      filter: (source) => !foreign.test(source),
    });
  }
}
