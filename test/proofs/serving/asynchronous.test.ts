import { setTimeout as sleep } from 'node:timers/promises';
import { type Scene, startScene } from './kit/scene.ts';

/** Small steps, so that there are many moments to be killed at. */
const SETTINGS = { VISIBILITY_SECONDS: '3', SAVE_MILLISECONDS: '10', ROWS_PER_RUN: '16', COMPUTER_MEGABYTES: '2000' };
const TENANTS = ['acme', 'bolt'];
const KILLS = 6;

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly output: string;
  readonly rows?: number;
  readonly failed?: number;
  readonly reason?: string;
  readonly upload?: { readonly url: string; readonly startAt: string };
  readonly result?: { readonly url: string };
}

describe('asynchronous predictions whose workers are killed', () => {
  let scene: Scene;
  let base: string;
  beforeAll(async () => {
    scene = await startScene(SETTINGS);
    const api = scene.start('requests/main.ts');
    base = `http://127.0.0.1:${(await api.heard('listening'))['port']}`;
  });
  afterAll(() => scene.stop());

  const ask = async (path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) => {
    const response = await fetch(`${base}${path}`, init);
    return { status: response.status, body: (await response.json()) as Shown };
  };
  const submit = async (tenant: string, number: number, body: string) => {
    const headers = {
      'x-slipway-tenant': tenant,
      'idempotency-key': `file ${number}`,
      'content-type': 'application/jsonl',
    };
    const { status, body: shown } = await ask('/v1/predictions?model=sum', { method: 'POST', headers, body });
    expect(status).toBe(202);
    return shown;
  };
  const show = async (tenant: string, id: string) =>
    (await ask(`/v1/predictions/${id}`, { headers: { 'x-slipway-tenant': tenant } })).body;

  test('every accepted row ends once in a result, or its request among the dead letters with a reason', async () => {
    const accepted = new Map<string, { tenant: string; rows: number }>();
    for (let number = 0; number < 8; number++) {
      const [tenant = ''] = TENANTS.slice(number % 2);
      const rows = 40 + number * 400;
      const lines = Array.from({ length: rows }, (_, row) => (row % 50 === 7 ? '[1,"x",3]' : `[${row},${number},1]`));
      const first = await submit(tenant, number, lines.join('\n'));
      // Whoever does not hear the answer asks again: it is the same request.
      expect((await submit(tenant, number, lines.join('\n'))).id).toBe(first.id);
      accepted.set(first.id, { tenant, rows });
    }
    const refused = await submit('acme', 99, '\n');
    accepted.set(refused.id, { tenant: 'acme', rows: 0 });

    let kills = 0;
    const slots = [0, 1].map(async (slot) => {
      let worker = scene.start('predictor/main.ts');
      for (let kill = 0; kill < KILLS / 2; kill++) {
        await worker.heard('waiting for requests');
        await sleep(300 + ((kill * 7 + slot * 5) % 9) * 150);
        await worker.kill();
        kills += 1;
        worker = scene.start('predictor/main.ts');
      }
    });
    await Promise.all(slots);

    const ended = new Map<string, Shown>();
    while (ended.size < accepted.size) {
      for (const [id, { tenant }] of accepted) {
        const shown = await show(tenant, id);
        if (shown.state === 'done' || shown.state === 'failed') ended.set(id, shown);
      }
      await sleep(200);
    }

    const violations: string[] = [];
    let total = 0;
    for (const [id, shown] of ended) {
      if (shown.state === 'failed') continue;
      const { rows = 0 } = accepted.get(id) ?? {};
      const text = await (await fetch(shown.result?.url ?? '')).text();
      const numbers = text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { row: number }).row);
      if (numbers.length !== rows || numbers.some((row, at) => row !== at))
        violations.push(`${id}: ${numbers.length} of ${rows} rows`);
      if (shown.rows !== rows || shown.failed !== Math.ceil((rows - 7) / 50))
        violations.push(`${id}: counts ${shown.rows}, ${shown.failed}`);
      total += numbers.length;
    }
    // What is told may be told twice after a kill; the ids are what counts.
    await sleep(3_500);
    const dead = await scene.drain('dead');
    const reasons = new Map(
      dead.map(({ Body = '{}', MessageAttributes = {} }) => [
        JSON.parse(Body).id,
        MessageAttributes['reason']?.StringValue,
      ]),
    );
    const failed = [...ended.values()].filter(({ state }) => state === 'failed');
    expect([...reasons.keys()].sort()).toEqual(failed.map(({ id }) => id).sort());
    for (const { id, reason } of failed) expect(reasons.get(id)).toBe(reason);
    expect(reasons.get(refused.id)).toBe('the file has no rows');
    const told = (await scene.drain('done')).map(({ Body = '{}' }) => (JSON.parse(Body) as Shown).id);
    expect([...new Set(told)].sort()).toEqual(
      [...ended.values()].flatMap(({ id, state }) => (state === 'done' ? [id] : [])).sort(),
    );
    expect((await scene.keys('predictions')).filter((key) => key.endsWith('.progress'))).toEqual([]);
    console.log(
      `${kills} kills, ${accepted.size} requests, ${total} rows in results, ${failed.length} failed (${failed.map(({ reason }) => reason).join('; ')}), ${violations.length} violations`,
    );
    expect(violations).toEqual([]);
  }, 120_000);

  test('a file is uploaded to an address and worked on when it is said to be there', async () => {
    const headers = { 'x-slipway-tenant': 'acme', 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'sum', upload: true, format: 'float32' });
    const asked = await ask('/v1/predictions', { method: 'POST', headers, body });
    expect(asked).toMatchObject({ status: 202, body: { state: 'uploading' } });
    const { id, upload } = asked.body;
    const early = await ask(upload?.startAt ?? '', { method: 'POST', headers });
    expect(early).toMatchObject({ status: 409 });
    const sent = await fetch(upload?.url ?? '', {
      method: 'PUT',
      body: new Uint8Array(new Float32Array(30_000).fill(1).buffer),
    });
    expect(sent.status).toBe(200);
    expect(await ask(upload?.startAt ?? '', { method: 'POST', headers })).toMatchObject({
      status: 202,
      body: { state: 'waiting' },
    });
    let shown = await show('acme', id);
    for (; shown.state !== 'done'; shown = await show('acme', id)) await sleep(100);
    expect(shown).toMatchObject({ rows: 10_000, failed: 0 });
    const answers = new Float32Array(await (await fetch(shown.result?.url ?? '')).arrayBuffer());
    expect([answers.length, answers[0], answers[9_999]]).toEqual([10_000, 6, 6]);
    // Nobody else sees it.
    expect((await ask(`/v1/predictions/${id}`, { headers: { 'x-slipway-tenant': 'bolt' } })).status).toBe(404);
  }, 60_000);
});
