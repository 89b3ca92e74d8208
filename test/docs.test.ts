import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArguments } from '../local/cli/arguments.ts';

const root = join(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));
const text = (document: string): string => readFileSync(join(root, document), 'utf8');

/** Every `npm ...` that a reader could copy, with its place. */
const commands = documents.flatMap((document) =>
  [...text(document).matchAll(/npm (?:run [a-z:]+|test)(?: --(?: [^\n`)|#]+)?)?/g)].map(([command]) => ({
    document,
    command: command.trim(),
  })),
);

const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

test('the documents show commands', () => {
  expect(commands.length).toBeGreaterThan(10);
});

test.each(commands)('$document: `$command` exists', ({ command }) => {
  const script = /^npm (?:run )?([a-z:]+)/.exec(command)?.[1] ?? '';
  expect(Object.keys(scripts)).toContain(script);
});

/** The words in capitals stand for something. */
const EXAMPLES: Readonly<Record<string, string>> = {
  NUMBER: '1',
  N: '1',
  TEXT: 'text',
  RELEASE: 'abc1234',
  NAME: 'web',
  E: 'staging',
  COMMAND: 'status',
};
const local = commands.filter(({ command }) => command.startsWith('npm run local -- '));

test.each(local)('$document: `$command` is understood', ({ command }) => {
  const words = command
    .slice('npm run local -- '.length)
    .replaceAll(/[[\]]/g, '')
    .split(/\s+/)
    .map((word) => EXAMPLES[word] ?? word);
  expect(parseArguments(words)).not.toMatchObject({ kind: 'mistake' });
});

test.each([
  ['local/cli/main.ts', 'npm run local'],
  ['bench/main.ts', 'npm run bench'],
  ['tools/provision.ts', 'npm run provision'],
  ['tools/controls.ts', 'npm run controls'],
  ['tools/cost.ts', 'npm run cost'],
  ['tools/access.ts', 'npm run access'],
  ['tools/doctor.ts', 'npm run doctor'],
  ['tools/bootstrap.ts', 'npm run bootstrap'],
])('%s --help shows how to use it', (file, usage) => {
  const output = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', file, '--help'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(output).toContain(usage);
});

const links = documents.flatMap((document) =>
  [...text(document).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => ({ document, target: match[1] ?? '' })),
);

test.each(links)('$document: the link to $target leads somewhere', ({ document, target }) => {
  expect(existsSync(join(root, dirname(document), target))).toBe(true);
});

const paths = [
  ...text('docs/ARCHITECTURE.md').matchAll(/`((?:actions|pipeline|stacks|services|local|tools|test)\/[\w./-]+)`/g),
]
  .map((match) => match[1] ?? '')
  .filter((path) => !path.includes('<') && !path.endsWith('*'));

test.each([...new Set(paths)])('docs/ARCHITECTURE.md: %s exists', (path) => {
  expect(existsSync(join(root, path))).toBe(true);
});
