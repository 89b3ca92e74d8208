import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ACTIONS = join(import.meta.dirname, '..');
const names = readdirSync(ACTIONS).filter((name) => existsSync(join(ACTIONS, name, 'action.yml')));
const read = (...path: string[]): string => readFileSync(join(ACTIONS, ...path), 'utf8');

test('all actions are there', () => {
  expect(names.sort()).toEqual([
    'approve',
    'build',
    'deploy',
    'drift',
    'drill',
    'plan',
    'preview',
    'provision',
    'rollback',
    'sweep',
  ]);
});

describe.each(names)('action %s', (name) => {
  const action = parse(read(name, 'action.yml')) as {
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
  };
  const files = readdirSync(join(ACTIONS, name)).filter((file) => file.endsWith('.ts'));
  const source = files.map((file) => read(name, file)).join('\n');

  test('reads exactly the inputs that it declares', () => {
    const used = [
      ...source.matchAll(
        /\b(?:text|required|choice|flag|optionalNumber|days|commit|environment|words|images|platforms|approvalMode)\('([a-z-]+)'/g,
      ),
    ];
    expect([...new Set(used.map(([, input]) => input))].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test('writes every output that it declares', () => {
    for (const output of Object.keys(action.outputs)) expect(source).toMatch(new RegExp(`\\b${output}\\b`));
  });
});
