import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRegistry } from '../../local/registry/registry.ts';
import { assembleStandInBase } from '../../local/registry/standin-base.ts';
import { createRegistryClient } from '../../pipeline/image/registry/client.ts';
import { HOW_TO_GET_IT, hasNewerDocker } from '../../tools/newer-docker.ts';
import { compared, type Note, type Row } from '../row.ts';
import { CASES, measureInTurn } from './measure.ts';
import { createMeter } from './meter.ts';
import { createNpmContext } from './npm-ci.ts';
import { buildOurs, bundleOurs, expectSameDigest, measureAttested, measureFour } from './our-build.ts';
import {
  type Peer,
  startBuildah,
  startBuildahCached,
  startBuildKit,
  startBuildKitInline,
  startBuildxCached,
  startBuildxInline,
} from './peers.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

const repository = join(import.meta.dirname, '../..');
const ROUNDS = 5;

/**
 * Bundles, builds and pushes the inference service (45 MB of native libraries, 0.7 MB of code), each time in a process of its own, against a registry on this machine: median of five
 * rounds. A fresh runner has the checkout and nothing else. Neither side attaches attestations in the comparison. Loopback hides the network, which favours the peers: they pull the base for every fresh runner. `part` is a peer, or `ours` for what has
 * none.
 */
export async function* images(part?: string): AsyncGenerator<Row | Note> {
  const scratch = createWorkspace('unused');
  const registry = await createRegistry({ folder: join(scratch.folder, 'registry'), port: 0 });
  const meter = createMeter(registry);
  const host = `127.0.0.1:${registry.port}`;
  const closing: (() => Promise<void> | void)[] = [() => registry.close(), () => scratch.remove()];
  try {
    const base = await assembleStandInBase({ registry: { host }, root: repository });
    const workspace = createWorkspace(base.reference);
    closing.unshift(() => workspace.remove());
    await bundleOurs(workspace.folder);
    const our = { workspace, host, base: base.reference };
    const unattested = { ...our, attestations: false };
    if (part === undefined || part === 'ours') {
      await expectSameDigest(our);
      const four = await measureFour(our, ROUNDS);
      yield { bench: 'images', case: 'four services, no change, fresh runner', unit: 'ms', ours: four };
      const attested = await measureAttested(our, ROUNDS);
      yield { bench: 'images', case: 'one-line change, fresh runner, with attestations', unit: 'ms', ours: attested };
    }
    const npm = await createNpmContext({
      folder: workspace.folder,
      client: createRegistryClient({ host }),
      base: base.reference,
    });
    closing.unshift(() => npm.close());
    for (const [key, start, context] of contestants(workspace.context, npm.context)) {
      if (part !== undefined && part !== key) continue;
      if (key.startsWith('buildx') && !hasNewerDocker()) {
        yield { bench: 'images', note: `Not measured: ${key}. ${HOW_TO_GET_IT}.` };
        continue;
      }
      const peer = await start(workspace.folder);
      closing.unshift(() => peer.close());
      const name = context === npm.context ? `${peer.name}, npm ci` : peer.name;
      const [ours, theirs] = await measureInTurn({ workspace, meter, rounds: ROUNDS }, [
        {
          build: (round) => buildOurs(unattested, `ours-${repositoryOf(name)}${round}`),
          forget: async () => undefined,
        },
        {
          build: (round) => buildTheirs(peer, { workspace, context }, `${host}/${repositoryOf(name)}${round}:1`),
          forget: () => peer.forget(),
        },
      ]);
      for (const one of CASES) {
        const row = { bench: 'images', case: one, peer: name } as const;
        yield compared({ ...row, unit: 'ms', ours: ours[one].milliseconds, theirs: theirs[one].milliseconds });
        yield { ...row, case: `${one}: sent`, unit: 'bytes', ours: ours[one].bytes, theirs: theirs[one].bytes };
      }
    }
  } finally {
    for (const close of closing) await close();
  }
}

/** Who builds what: a context with the packages ready to copy, or one whose Dockerfile installs them. */
function contestants(copied: string, installed: string): Contestant[] {
  return [
    ['buildkit', startBuildKit, copied],
    ['buildkit-inline', startBuildKitInline, copied],
    ['buildkit-npm-ci', startBuildKitInline, installed],
    ['buildx-inline', startBuildxInline, copied],
    ['buildx-registry', startBuildxCached, copied],
    ['buildah', startBuildah, copied],
    ['buildah-registry', startBuildahCached, copied],
  ];
}

type Contestant = readonly [key: string, start: (folder: string) => Promise<Peer>, context: string];

/** Peers of two versions must not find each other's images. */
const repositoryOf = (name: string): string => name.replace(/[^a-z0-9]+/g, '-');

const execute = promisify(execFile);

async function buildTheirs(
  peer: Peer,
  { workspace, context }: { workspace: Workspace; context: string },
  tag: string,
): Promise<void> {
  const entry = join(workspace.root, 'services/inference/main.ts');
  const options = [
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--target=node24',
    '--minify',
    '--external:onnxruntime-node',
  ];
  const output = ['--log-level=error', `--outfile=${join(context, 'main.mjs')}`];
  await execute(join(repository, 'node_modules/.bin/esbuild'), [entry, ...options, ...output]);
  await peer.build(context, tag);
}
