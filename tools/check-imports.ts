/**
 * The import rules of docs/ARCHITECTURE.md as a check: `node tools/check-imports.ts` exits with 1 and names file, line and rule when one is broken.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Top-level parts and what each may import, besides packages and itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  actions: ['pipeline'],
  pipeline: [],
  stacks: ['pipeline/manifest', 'pipeline/release/template.ts'],
  services: [],
  local: ['pipeline/image', 'pipeline/manifest'],
  'local/cli': ['pipeline', 'local'],
  'main.ts': ['stacks', 'pipeline/manifest'],
  bench: [
    'pipeline',
    'local',
    'stacks',
    'services',
    'test/proofs/kit',
    'tools/bundle-plugins.ts',
    'tools/newer-docker.ts',
  ],
  test: ['pipeline', 'local', 'stacks', 'services', 'tools'],
  tools: ['pipeline', 'stacks', 'local', 'services'],
};

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const IMPORT =
  /(?<=^|\s)(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s*['"]([^'"]+)['"]/gm;

/** Violations of one file. Pure: `source` is the file's text, `file` its path from the repository's root. */
export function checkFile(file: string, source: string): Violation[] {
  return [...source.matchAll(IMPORT)].flatMap((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const message = specifier.startsWith('.') ? checkRelative(file, specifier) : checkPackage(file, specifier);
    return message ? [{ file, line: source.slice(0, match.index).split('\n').length, message }] : [];
  });
}

function partOf(file: string): string {
  if (file.startsWith('local/cli/')) return 'local/cli';
  return file.split('/')[0] ?? file;
}

function checkRelative(file: string, specifier: string): string | undefined {
  const target = normalize(join(dirname(file), specifier));
  const part = partOf(file);
  if (part === 'services') return checkService(file, target);
  if (part === 'local' && target.startsWith('local/cli/')) return `only local/cli may import local/cli (${target})`;
  if (target.startsWith(`${part}/`) || target === part) return undefined;
  const allowed = MAY_IMPORT[part] ?? [];
  if (allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`))) return undefined;
  return `${part} may not import ${target}; it may import ${allowed.join(', ') || 'only itself'}`;
}

function checkService(file: string, target: string): string | undefined {
  const [, service] = file.split('/');
  if (target.startsWith('services/kit/') || target.startsWith(`services/${service}/`)) return undefined;
  return `a service may import services/kit and itself, not ${target}`;
}

function checkPackage(file: string, specifier: string): string | undefined {
  if (specifier === '@cdktf/provider-aws') return 'import resources by their deep path: the index takes 3 s and 560 MB';
  const cdktf = specifier === 'cdktf' || specifier === 'constructs' || specifier.startsWith('@cdktf/');
  if (cdktf && partOf(file) !== 'stacks' && !file.startsWith('test/') && !file.startsWith('tools/')) {
    return `only stacks may import ${specifier}`;
  }
  return undefined;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed
    .split('\n')
    .filter(
      (file) =>
        file !== '' &&
        !file.includes('/dist/') &&
        !file.startsWith('test/fixtures/') &&
        file !== 'tools/check-imports.test.ts',
    );
  const violations = files.flatMap((file) => checkFile(file, readFileSync(join(root, file), 'utf8')));
  for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`);
  console.log(`import rules: ${files.length} files, ${violations.length} violations`);
  process.exitCode = violations.length > 0 || files.length === 0 ? 1 : 0;
}
