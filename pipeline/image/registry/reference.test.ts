import { sha256 } from './digest.ts';
import { parseReference, targetOf } from './reference.ts';

const digest = sha256('x');

test.each([
  ['node', 'docker.io', 'library/node', 'latest'],
  ['node:24-slim', 'docker.io', 'library/node', '24-slim'],
  ['owner/name:1', 'docker.io', 'owner/name', '1'],
  ['127.0.0.1:5000/a/b', '127.0.0.1:5000', 'a/b', 'latest'],
  ['localhost/a', 'localhost', 'a', 'latest'],
  [`public.ecr.aws/docker/library/node:24@${digest}`, 'public.ecr.aws', 'docker/library/node', digest],
])('%s', (text, host, repository, target) => {
  const reference = parseReference(text);
  expect([reference.host, reference.repository, targetOf(reference)]).toEqual([host, repository, target]);
});

test.each(['', 'UPPER/x', 'a:b:c', 'a@sha256:1', 'a/../b', 'a:', '-a'])('%j is refused', (text) => {
  expect(() => parseReference(text)).toThrow('is no image reference');
});
