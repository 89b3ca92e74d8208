import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadManifests } from './load.ts';
import { loadProject, parseProject } from './project.ts';
import { describeErrors } from './result.ts';

const worker = { kind: 'worker', description: 'd', entry: 'main.ts', builder: 'node', cpu: 256, memory: 512 };
const settings = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'o/r',
};
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-manifest-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('loadManifests', () => {
  test('reads services in the order of their names and skips libraries', () => {
    write('services/b/service.json', { name: 'b', ...worker });
    write('services/a/service.json', { name: 'a', ...worker });
    write('services/kit/index.ts', '');
    const result = loadManifests(root);
    expect(result.ok && result.value.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('collects the errors of all files', () => {
    write('services/a/service.json', '{"name": "a",');
    write('services/b/service.json', { name: 'c', ...worker });
    write('services/d/service.json', { name: 'd', ...worker, cpu: 1 });
    const result = loadManifests(root);
    if (result.ok) throw new Error('was accepted');
    expect(result.errors.map(({ file, field }) => [file, field])).toEqual([
      ['services/a/service.json', ''],
      ['services/b/service.json', 'name'],
      ['services/d/service.json', 'cpu'],
    ]);
    expect(describeErrors(result.errors)).toContain('does not match the folder b');
  });

  test('says when there is no service at all', () => {
    expect(loadManifests(root)).toMatchObject({
      ok: false,
      errors: [{ file: 'services', problem: 'holds no service' }],
    });
  });
});

describe('loadProject', () => {
  test('variables win over slipway.json, empty variables do not count', () => {
    write('slipway.json', settings);
    const project = loadProject(root, { SLIPWAY_DOMAIN: 'other.example', SLIPWAY_APP: '' });
    expect(project).toEqual({ ...settings, domain: 'other.example' });
  });

  test.each([
    [{ ...settings, accountId: 12 }, {}, 'slipway.json: accountId = 12', /twelve digits/],
    [settings, { SLIPWAY_URL_PATTERN: 'ftp://x' }, 'environment: SLIPWAY_URL_PATTERN = "ftp://x"', /\{host\}/],
    [{ ...settings, colour: 1 }, {}, 'slipway.json: colour = 1', /known settings/],
    ['nothing', {}, 'slipway.json: app: is missing', /SLIPWAY_APP/],
  ])('refuses %j with %j', (file, variables, start, words) => {
    const result = parseProject(file, variables);
    if (result.ok) throw new Error('was accepted');
    expect(describeErrors(result.errors)).toContain(start);
    expect(describeErrors(result.errors)).toMatch(words);
  });

  test('names the file when it is missing', () => {
    expect(() => loadProject(root, {})).toThrow(/slipway\.json: cannot be read/);
  });
});
