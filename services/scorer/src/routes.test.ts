import { join } from 'node:path';
import { findDifference } from '../../kit/model/golden.ts';
import { loadModel } from '../../kit/model/session.ts';
import { asker, identity } from '../../kit/test-support.ts';
import { readModelFolder } from './model.ts';
import { scoreRoutes } from './routes.ts';

const gentoo = { beak_length_mm: 47.5, beak_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };
let ask: ReturnType<typeof asker>['ask'];

beforeAll(async () => {
  const files = await readModelFolder(join(import.meta.dirname, '../model'));
  const model = files.ok ? await loadModel(files.value) : files;
  if (!model.ok) throw new Error(model.error);
  ask = asker(scoreRoutes(model.value, identity)).ask;
});

test('names the species, how sure it is, and who said so', async () => {
  const answer = (await ask('POST', '/v1/score', gentoo)).json() as { probabilities: Record<string, number> };
  expect(answer).toMatchObject({
    species: 'Gentoo',
    model: { name: 'penguin-species', version: '1' },
    release: 'abc123',
  });
  expect(Object.values(answer.probabilities).reduce((sum, value) => sum + value)).toBeCloseTo(1, 3);
});

test('says what it wants to know', async () => {
  const answer = (await ask('GET', '/v1/score')).json() as { features: { name: string }[] };
  expect(answer.features.map(({ name }) => name)).toEqual(Object.keys(gentoo));
});

test.each([
  [[], /has to be an object with beak_length_mm, beak_depth_mm/],
  [
    {},
    /`beak_length_mm` is missing; `beak_depth_mm` is missing; `flipper_length_mm` is missing; `body_mass_g` is missing/,
  ],
  [{ ...gentoo, body_mass_g: '5100' }, /^`body_mass_g` has to be a number$/],
  [{ ...gentoo, body_mass_g: 5.1 }, /^`body_mass_g` is 5.1, expected 1350 to 12600 g$/],
  [{ ...gentoo, wings: 2 }, /^`wings` is unknown/],
])('%j is refused', async (body, reason) => {
  const answer = await ask('POST', '/v1/score', body);
  expect(answer.status).toBe(400);
  expect((answer.json() as { error: string }).error).toMatch(reason);
});

test('answers its golden requests over HTTP as model.json says', async () => {
  const files = await readModelFolder(join(import.meta.dirname, '../model'));
  if (!files.ok) throw new Error(files.error);
  const { golden, tolerance, path = '' } = files.value.description;
  expect(golden.length).toBeGreaterThan(1);
  for (const { inputs, outputs = [] } of golden) {
    const answer = (await ask('POST', path, { inputs })).json() as { outputs: { data: number[] }[] };
    expect(findDifference(outputs[0]?.data ?? [], answer.outputs[0]?.data ?? [], tolerance)).toBeUndefined();
  }
});
