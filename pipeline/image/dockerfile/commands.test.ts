import { buildCommands, type DockerfileBuild } from './commands.ts';
import { findEngine } from './engine.ts';

const BUILD: DockerfileBuild = {
  engine: 'buildx',
  context: 'services/python',
  reference: '127.0.0.1:5000/app/python:key-1',
  platforms: ['linux/amd64'],
  cache: '127.0.0.1:5000/app/python:bootstrap',
  labels: { 'dev.slipway.key': '1' },
};
const lines = (more: Partial<DockerfileBuild>) =>
  buildCommands({ ...BUILD, ...more }).map((command) => command.join(' '));

test('buildx pushes what it builds, without an index around it', () => {
  expect(lines({ platforms: ['linux/amd64', 'linux/arm64'] })).toEqual([
    'docker buildx build --push --provenance=false --sbom=false ' +
      '--cache-from type=registry,ref=127.0.0.1:5000/app/python:bootstrap --cache-to type=inline --platform linux/amd64,linux/arm64 ' +
      '--label dev.slipway.key=1 --tag 127.0.0.1:5000/app/python:key-1 services/python',
  ]);
  expect(lines({ stepsCache: { in: 'github' } })[0]).toContain(
    '--cache-from type=gha,scope=app/python --cache-to type=gha,mode=max,scope=app/python',
  );
});

test('buildx leaves its steps in the registry once', () => {
  const reference = '127.0.0.1:5000/app/python:cache-1';
  const [first] = lines({ stepsCache: { in: 'registry', reference, isThere: false } });
  expect(first).toContain(
    `--cache-to type=inline --cache-from type=registry,ref=${reference} --cache-to type=registry,ref=${reference},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true `,
  );
  const [next] = lines({ stepsCache: { in: 'registry', reference, isThere: true } });
  expect(next).toContain(`--cache-from type=registry,ref=${reference} --platform`);
});

test('BuildKit in the client takes layers of an earlier image', () => {
  expect(lines({ engine: 'buildkit' })[0]).toBe(
    'docker build --build-arg BUILDKIT_INLINE_CACHE=1 --cache-from 127.0.0.1:5000/app/python:bootstrap ' +
      '--platform linux/amd64 --label dev.slipway.key=1 --tag 127.0.0.1:5000/app/python:key-1 services/python',
  );
});

test('the others build, then push; plain HTTP for this machine only', () => {
  expect(lines({ engine: 'docker' })).toEqual([
    'docker build --platform linux/amd64 --label dev.slipway.key=1 --tag 127.0.0.1:5000/app/python:key-1 services/python',
    'docker push 127.0.0.1:5000/app/python:key-1',
  ]);
  expect(lines({ engine: 'podman', credentials: '/c' })[1]).toBe(
    'podman push --tls-verify=false --authfile /c/config.json 127.0.0.1:5000/app/python:key-1',
  );
  expect(lines({ engine: 'buildah', reference: '1.dkr.ecr.us-east-1.amazonaws.com/a:1' })[1]).toBe(
    'buildah push 1.dkr.ecr.us-east-1.amazonaws.com/a:1 docker://1.dkr.ecr.us-east-1.amazonaws.com/a:1',
  );
});

test.each(['podman', 'buildah'] as const)(
  '%s leaves its steps in a repository, and logs in to build, too',
  (engine) => {
    const reference = '127.0.0.1:5000/app/python';
    const [first] = lines({ engine, credentials: '/c', stepsCache: { in: 'repository', reference } });
    expect(first).toContain(
      ` --tls-verify=false --authfile /c/config.json --cache-from ${reference} --cache-to ${reference} --platform`,
    );
  },
);

test('a machine without an engine has none, and that is no crash', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = '/nowhere';
  try {
    expect(await findEngine()).toBeUndefined();
  } finally {
    process.env['PATH'] = PATH;
  }
});
