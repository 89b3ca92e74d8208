import { join } from 'node:path';
import { asker, identity } from '../../kit/test-support.ts';
import { readAssets } from './assets.ts';
import type { Feedback } from './feedback.ts';
import { renderPage } from './page.ts';
import { webRoutes } from './routes.ts';

const assets = await readAssets(join(import.meta.dirname, '../public'));

function site() {
  const kept: Feedback[] = [];
  const feedback = {
    add: async (given: Feedback) => void kept.push(given),
    async summary(model: string) {
      const own = kept.filter((given) => given.model === model);
      const helpful = own.filter(({ rating }) => rating === 'helpful').length;
      return { model, total: own.length, helpful, wrong: own.length - helpful };
    },
  };
  return { kept, ...asker(webRoutes({ identity, assets, feedback, now: () => Date.UTC(2026, 0, 2) })) };
}

describe('the page', () => {
  test('says environment and release, and lets nothing foreign run', async () => {
    const page = await site().ask('GET', '/');
    expect(page.text).toContain('<main id="predict"');
    expect(page.text).toContain('Environment <strong>pr-1</strong> · Release <code title="abc123">abc123</code>');
    const policy = page.headers?.['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.text).not.toMatch(/ style=| on\w+=|<script(?! type="module" src=)/);
  });

  test('what comes from the environment is escaped', () => {
    const page = renderPage({ service: 'web', environment: '"><script>', release: '<b>' });
    expect(page).not.toMatch(/"><script>|<b>/);
  });

  test('every file that it refers to is served with its type; an unchanged one is not sent again', async () => {
    const { ask } = site();
    const files = (await ask('GET', '/')).text.match(/\/public\/[\w.]+/g) ?? [];
    expect(new Set(files).size).toBe(3);
    for (const file of files) expect(await ask('GET', file)).toMatchObject({ status: 200 });
    const script = await ask('GET', '/public/app.js');
    expect(script.headers?.['content-type']).toMatch('text/javascript');
    const again = await ask('GET', '/public/app.js', undefined, { 'if-none-match': script.headers?.['etag'] ?? '' });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect((await ask('GET', '/public/..%2Fmain.ts')).status).toBe(404);
  });
});

describe('feedback', () => {
  const good = { model: 'fuel-economy', version: '1', rating: 'helpful', comment: '', values: [1, 2], prediction: [3] };

  test('is kept with time, release and expiry, and counted', async () => {
    const { ask, kept } = site();
    expect((await ask('POST', '/feedback', good)).status).toBe(201);
    expect(
      (await ask('POST', '/feedback', { model: 'fuel-economy', rating: 'wrong', comment: 'far off' })).status,
    ).toBe(201);
    expect(kept[0]).toEqual({
      model: 'fuel-economy',
      version: '1',
      rating: 'helpful',
      values: [1, 2],
      prediction: [3],
      id: expect.stringMatching(/^2026-01-02T00:00:00.000Z-[\w-]{36}$/),
      release: 'abc123',
      expiresAt: Date.UTC(2026, 0, 2) / 1000 + 180 * 86_400,
    });
    expect((await ask('GET', '/feedback/summary?model=fuel-economy')).json()).toEqual({
      model: 'fuel-economy',
      total: 2,
      helpful: 1,
      wrong: 1,
    });
  });

  test.each([
    ['hello', /object/],
    [{}, /`model` .*; `rating` has to be one of helpful, wrong/],
    [{ ...good, model: '../x' }, /`model`/],
    [{ ...good, rating: 'great' }, /`rating`/],
    [{ ...good, comment: 'x'.repeat(1_001) }, /`comment`.*1000/],
    [{ ...good, comment: { a: 1 } }, /`comment`/],
    [{ ...good, version: 1 }, /`version`/],
    [{ ...good, values: ['1'] }, /`values`/],
    [{ ...good, prediction: Array.from({ length: 101 }, () => 1) }, /`prediction`/],
  ])('%j is refused and nothing is kept', async (body, reason) => {
    const { ask, kept } = site();
    const answer = await ask('POST', '/feedback', typeof body === 'string' ? JSON.stringify(body) : body);
    expect(answer.status).toBe(400);
    expect((answer.json() as { error: string }).error).toMatch(reason);
    expect(kept).toEqual([]);
  });

  test('a summary of no model is refused', async () => {
    expect((await site().ask('GET', '/feedback/summary')).status).toBe(400);
  });
});
