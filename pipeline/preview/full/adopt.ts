import { mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Project } from '../../manifest/names.ts';
import { previewEnvironment } from '../ports.ts';
import { inspectFullPreview } from './inspect.ts';
import { isRecord } from './names.ts';
import { moveRules } from './rules.ts';

interface Adopting {
  readonly project: Project;
  readonly number: number;
  /** Where its rules' numbers begin. */
  readonly place: number;
  /** Services that its images were built for. */
  readonly services: readonly string[];
  /** Folder of the artifact: `cdktf.out/stacks/preview-pr-<n>/cdk.tf.json` and `services`. */
  readonly folder: string;
}

export type Adopted =
  /** Folder in which Terraform finds the stack, and nothing else that came with the artifact. */
  { readonly ok: true; readonly output: string } | { readonly ok: false; readonly problem: string };

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_PROBLEMS = 10;

/**
 * Takes over the stack that a pull request's own code synthesized where there was no identity: as data, after a look at all that it says, and with its
 * listener rules moved to the place that the preview has.
 */
export async function adoptFullPreview({ project, number, place, services, folder }: Adopting): Promise<Adopted> {
  const environment = previewEnvironment(number);
  const stack = `preview-${environment}`;
  const json = await readStack(join(folder, 'cdktf.out', 'stacks', stack, 'cdk.tf.json'));
  if (typeof json === 'string') return refuse(stack, [json]);
  const problems = [
    ...inspectFullPreview(json, { project, environment }),
    ...(await strayFiles(json, join(folder, 'services'))),
  ];
  if (problems.length > 0) return refuse(stack, problems);
  const moved = missing(json, { project, environment, services });
  if (moved !== undefined) return { ok: false, problem: moved };
  const output = join(folder, 'adopted');
  await mkdir(join(output, 'stacks', stack), { recursive: true });
  await writeFile(join(output, 'stacks', stack, 'cdk.tf.json'), JSON.stringify(moveRules(json, place), null, 2));
  return { ok: true, output };
}

function refuse(stack: string, problems: readonly string[]): Adopted {
  const shown = problems.slice(0, MOST_PROBLEMS);
  const more = problems.length - shown.length;
  return {
    ok: false,
    problem: [
      `What this pull request's program synthesized for ${stack} is not applied, and nothing was changed:`,
      ...shown.map((one) => `- ${one}`),
      ...(more > 0 ? [`- and ${more} more`] : []),
      'A full preview may have what stacks/preview.ts of main could give it (docs/previews.md, Full previews).',
    ].join('\n'),
  };
}

async function readStack(file: string): Promise<Record<string, unknown> | string> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) return `its stack has ${size} bytes, more than ${MOST_BYTES}`;
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(json) ? json : 'its stack is no JSON object';
  } catch (error) {
    return `its stack cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Seeds are files of the artifact; a link among them could lead to what this job knows. */
async function strayFiles(json: Record<string, unknown>, services: string): Promise<readonly string[]> {
  const text = JSON.stringify(json);
  const paths = [...text.matchAll(/\/\.\.\/\.\.\/\.\.\/services\/([\w./-]+)/g)].map(([, path = '']) => path);
  const stray = await Promise.all(paths.map(async (path) => ((await isWithin(services, path)) ? [] : [path])));
  return stray.flat().map((path) => `services/${path} is no file of the pull request`);
}

async function isWithin(folder: string, path: string): Promise<boolean> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    return file === join(root, path) && file.startsWith(root + sep) && (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Stacks are those of the merge with main, images those of the pull request: a service that only one of the two has can not be released. */
function missing(
  json: Record<string, unknown>,
  { project, environment, services }: Pick<Adopting, 'project' | 'services'> & { readonly environment: string },
): string | undefined {
  const parameters = isRecord(json['resource']) ? Object.values(Object(json['resource']['aws_ssm_parameter'])) : [];
  const prefix = `/${project.app}/${environment}/services/`;
  const synthesized = parameters.flatMap((one) => {
    const name = String(Object(one).name);
    return name.startsWith(prefix) ? [name.slice(prefix.length)] : [];
  });
  const odd = [
    ...synthesized.filter((one) => !services.includes(one)),
    ...services.filter((one) => !synthesized.includes(one)),
  ];
  if (odd.length === 0) return undefined;
  return `Its stacks and its images differ in ${odd.join(', ')}: main has moved on. Merge main into the pull request and push.`;
}
