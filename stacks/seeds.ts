import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { App, type Construct, S3Object, TerraformStack } from './cdktf.ts';
import type { StackInput } from './stack.ts';

interface Seeded {
  /** Name of the bucket in the manifest; the folder of the same name in its owner's folder holds the objects. */
  readonly name: string;
  /** Physical bucket. */
  readonly bucket: string;
  readonly keyArn: string;
  /** Put in front of every key. */
  readonly prefix?: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
};

/**
 * Uploads `services/<owner>/<bucket>/**` into the bucket, keys relative to that folder. For small files such as sample models:
 * their content goes through Terraform's state.
 */
export function addSeeds(scope: Construct, input: StackInput, { name, bucket, keyArn, prefix = '' }: Seeded): void {
  for (const { key, path } of seedFiles(input, name)) {
    new S3Object(scope, `object ${name}/${key}`, {
      bucket,
      key: `${prefix}${key}`,
      contentBase64: fileExpression(scope, path),
      // S3's ETag says nothing about the content of an object that is encrypted with a key of ours.
      sourceHash: createHash('sha256').update(readFileSync(path)).digest('hex'),
      contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
      kmsKeyId: keyArn,
      serverSideEncryption: 'aws:kms',
    });
  }
}

function seedFiles({ root, manifests }: StackInput, bucket: string): { key: string; path: string }[] {
  const owner = manifests.find(({ owns }) => owns?.buckets?.some(({ name }) => name === bucket));
  const folder = join(root, 'services', owner?.name ?? '', bucket);
  if (owner === undefined || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ key: relative(folder, path).split('\\').join('/'), path }))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** Terraform reads the file itself; its path starts from the stack's folder, so it is the same in every checkout. */
function fileExpression(scope: Construct, path: string): string {
  const stack = TerraformStack.of(scope);
  const folder = resolve(App.of(scope).outdir, 'stacks', stack.node.id);
  return `\${filebase64(${JSON.stringify(`\${path.module}/${relative(folder, path)}`)})}`;
}
