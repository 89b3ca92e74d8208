import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '../ports/clock.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import { predictionsReport } from '../report/predictions.ts';
import { acceptanceKey, askOld, checkPredictions, comparePredictions, recordedAnswers } from './check.ts';
import { compareAnswers } from './compare.ts';
import { loadGoldenModels } from './load.ts';
import { beyondTolerance, type GoldenModels, type Tensor } from './types.ts';

const tensor = (data: readonly unknown[], change: Partial<Tensor> = {}): Tensor => ({
  name: 'y',
  datatype: 'FP32',
  shape: [data.length],
  data,
  ...change,
});
const tolerance = { absolute: 0.5, relative: 0.1 };
const compare = (old: Tensor[], fresh: Tensor[], again?: Tensor[]) =>
  compareAnswers({ old, new: fresh, tolerance, ...(again && { again }) });

describe('two answers', () => {
  test('are the same', () => {
    expect(compare([tensor([1, 2])], [tensor([1, 2])])).toEqual([]);
    expect(compare([tensor([null])], [tensor([null])])).toEqual([]);
    expect(compare([tensor(['NaN'])], [tensor(['NaN'])])).toEqual([]);
  });

  test.each([
    // |new - old| <= 0.5 + 0.1 * |old|
    ['at the edge', 10, 11.5, false],
    ['beyond the edge', 10, 11.51, true],
    ['below zero', -10, -11.5, false],
    ['at zero', 0, 0.6, true],
    ['other sign', -1, 1, true],
  ])('differ: %s', (_name, old, fresh, beyond) => {
    expect(compare([tensor([old])], [tensor([fresh])])).toMatchObject([
      { output: 'y', old: `${old}`, new: `${fresh}`, beyond },
    ]);
  });

  test('differ: the worst element stands for its output', () => {
    expect(compare([tensor([1, 1, 1])], [tensor([1.1, 3, 1])])).toMatchObject([
      { output: 'y[1]', old: '1', new: '3', difference: 2, allowed: 0.6, beyond: true },
    ]);
  });

  test.each([
    ['a number became null, as NaN is written', [tensor([1])], [tensor([null])], { old: '1', new: 'null' }],
    ['a number became a word', [tensor([1])], [tensor(['Infinity'])], { new: 'Infinity' }],
    ['null became a number', [tensor([null])], [tensor([1])], { old: 'null', new: '1' }],
    [
      'a text changed',
      [tensor(['cat'], { datatype: 'BYTES' })],
      [tensor(['dog'], { datatype: 'BYTES' })],
      { old: 'cat', new: 'dog' },
    ],
    [
      'the shape changed',
      [tensor([1, 2])],
      [tensor([1, 2], { shape: [1, 2] })],
      { old: 'FP32 [2]', new: 'FP32 [1, 2]' },
    ],
    ['the datatype changed', [tensor([1])], [tensor([1], { datatype: 'FP64' })], { old: 'FP32 [1]', new: 'FP64 [1]' }],
    [
      'fewer elements than the shape says',
      [tensor([1, 2])],
      [tensor([1], { shape: [2] })],
      { old: '2 elements', new: '1 elements' },
    ],
    ['an output is gone', [tensor([1])], [], { old: 'FP32 [1]', new: 'missing' }],
  ] as const)('differ: %s', (_name, old, fresh, expected) => {
    expect(compare([...old], [...fresh])).toMatchObject([{ ...expected, beyond: true }]);
  });

  test('an output more is told, and breaks nobody', () => {
    expect(compare([], [tensor([1])])).toMatchObject([{ output: 'y', old: 'missing', beyond: false }]);
  });

  test('what the old release answers differently by itself is allowed on top', () => {
    expect(compare([tensor([0])], [tensor([1])], [tensor([0])])).toMatchObject([{ beyond: true }]);
    expect(compare([tensor([0])], [tensor([1])], [tensor([0.7])])).toMatchObject([{ allowed: 1.2, beyond: false }]);
    expect(compare([tensor(['a'])], [tensor(['c'])], [tensor(['b'])])).toMatchObject([{ beyond: false }]);
  });
});

const models: GoldenModels = {
  inference: [
    {
      name: 'double',
      path: '/v2/models/double/infer',
      tolerance,
      golden: [
        { name: 'two', inputs: [tensor([2], { name: 'x' })] },
        { name: 'three', inputs: [tensor([3], { name: 'x' })] },
      ],
    },
  ],
};

const clock: Clock = { now: () => 0, sleep: async () => undefined, every: () => () => undefined };

/** A service that answers with `factor` times the input; `now` can be changed between asks. */
function service(factor: () => number | HttpResponse | Error) {
  const send = async ({ body }: HttpRequest): Promise<HttpResponse> => {
    const answer = factor();
    if (answer instanceof Error) throw answer;
    if (typeof answer !== 'number') return answer;
    const { inputs } = body as { inputs: Tensor[] };
    const x = Number(inputs[0]?.data[0]);
    return { status: 200, body: JSON.stringify({ model_name: 'double', outputs: [tensor([x * answer])] }) };
  };
  return { send, clock };
}

async function change(before: number | HttpResponse | Error, after: number | HttpResponse | Error) {
  const ports = service(() => before);
  const old = await askOld(models, 'http://old', ports);
  const { report } = await checkPredictions(
    { models, old, baseUrl: 'http://new' },
    service(() => after),
  );
  return report;
}
const refused = (status: number): HttpResponse => ({ status, body: 'sorry' });

describe('a release', () => {
  test('that answers alike changes nothing', async () => {
    expect(await change(2, 2)).toEqual({ requests: 2, differences: [], notes: [] });
  });

  test('that answers differently is told by model, golden request and output', async () => {
    const report = await change(2, 3);
    expect(report.differences).toMatchObject([
      {
        service: 'inference',
        model: 'double',
        golden: 'three',
        output: 'y',
        old: '6',
        new: '9',
        difference: 3,
        allowed: 1.1,
        beyond: true,
      },
      { golden: 'two', old: '4', new: '6', beyond: true },
    ]);
    expect(predictionsReport(report)).toContain('| **✗** | double | three | y | 6 | 9 | 3 | 1.1 |');
  });

  test('within tolerance is told, and is fine', async () => {
    const report = await change(2, 2.1);
    expect([report.differences.length, beyondTolerance(report)]).toEqual([2, []]);
    expect(predictionsReport(report)).toContain('2 changed within tolerance');
  });

  test.each([
    ['an error', refused(500), 'status 500: sorry'],
    ['a model that is gone', refused(404), 'status 404: sorry'],
    ['no answer', new Error('socket hang up'), 'no answer: socket hang up'],
    ['not an inference response', { status: 200, body: '<html>' }, 'status 200: not an inference response: <html>'],
  ])('that answers with %s is beyond every tolerance', async (_name, answer, words) => {
    expect(beyondTolerance(await change(2, answer))).toMatchObject([
      { old: 'an answer', new: words },
      { golden: 'three' },
    ]);
  });

  test('with a new model has nothing to be compared with, unless the model says what it answered when it was made', async () => {
    expect(await change(refused(404), 2)).toEqual({
      requests: 2,
      differences: [],
      notes: ['inference: double is new here'],
    });
    const made = {
      inference: [
        { ...models['inference']?.[0], golden: [{ name: 'two', inputs: [tensor([2])], outputs: [tensor([9])] }] },
      ],
    };
    const { report } = await checkPredictions(
      { models: made as GoldenModels, old: undefined, baseUrl: '' },
      service(() => 2),
    );
    expect(beyondTolerance(report)).toMatchObject([{ old: '9', new: '4' }]);
  });

  test('that repairs, or is as broken as before, is not stopped', async () => {
    expect(await change(refused(500), 2)).toMatchObject({
      differences: [],
      notes: ['inference: double was not answered before: status 500: sorry'],
    });
    expect(beyondTolerance(await change(refused(500), refused(500)))).toEqual([]);
  });

  test('after one that answers differently each time is given that much more', async () => {
    let calls = 0;
    const moody = service(() => (calls++ < 2 ? 2 : 3));
    const old = await askOld(models, '', moody);
    const { report } = await checkPredictions(
      { models, old, baseUrl: '' },
      service(() => 3),
    );
    expect(beyondTolerance(report)).toEqual([]);
    expect(report.notes).toEqual(['inference: double answers differently each time; what varies by itself is allowed']);
  });

  test('is asked again where trouble may pass', async () => {
    const answers = [new Error('reset'), refused(503), 2, 2];
    const { report } = await checkPredictions(
      { models, old: undefined, baseUrl: '' },
      service(() => answers.shift() ?? 2),
    );
    expect(report.differences).toEqual([]);
  });

  test('keeps what it answered, and is held to it when it comes back', async () => {
    const { models: kept } = await checkPredictions(
      { models, old: undefined, baseUrl: '' },
      service(() => 2),
    );
    expect(kept['inference']?.[0]?.golden.map(({ outputs }) => outputs?.[0]?.data)).toEqual([[4], [6]]);
    const back = (factor: number) =>
      checkPredictions(
        { models: kept, old: recordedAnswers(kept), baseUrl: '' },
        service(() => factor),
      );
    expect((await back(2)).report.differences).toEqual([]);
    expect(beyondTolerance((await back(4)).report)).toHaveLength(2);
  });

  test('is accepted by a key that names exactly its differences', async () => {
    const [worse, other] = [await change(2, 3), await change(2, refused(500))];
    expect(acceptanceKey('c1', worse)).toMatch(/^[0-9a-f]{12}$/);
    expect(acceptanceKey('c1', worse)).toBe(acceptanceKey('c1', await change(2, 4)));
    expect(acceptanceKey('c2', worse)).not.toBe(acceptanceKey('c1', worse));
    expect(acceptanceKey('c1', other)).not.toBe(acceptanceKey('c1', worse));
    expect(acceptanceKey('c1', await change(2, 2))).toBeUndefined();
  });
});

test('two environments side by side', async () => {
  const ports = service(() => 2);
  const asked: string[] = [];
  const send = (request: HttpRequest) => {
    asked.push(request.url);
    return ports.send(request);
  };
  const report = await comparePredictions(
    { models, oldUrl: 'http://staging', newUrl: 'http://pr-1' },
    { ...ports, send },
  );
  expect(report).toMatchObject({ requests: 2, differences: [] });
  expect(asked.filter((url) => url === 'http://pr-1/v2/models/double/infer')).toHaveLength(2);
  expect(asked.filter((url) => url === 'http://staging/v2/models/double/infer')).toHaveLength(4);
});

describe('model.json', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'slipway-golden-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (file: string, content: object): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(content));
  };
  const golden = [{ name: 'one', inputs: [tensor([1])] }];

  test('is found beside its model; the newest version counts; one without golden requests is left out', () => {
    write('services/a/models/m/2/model.json', { name: 'm', tolerance, golden: [] });
    write('services/a/models/m/10/model.json', { name: 'm', tolerance, golden });
    write('services/a/models/plain/model.json', { name: 'plain', tolerance, golden });
    write('services/a/models/none/1/model.json', { name: 'none', tolerance });
    write('services/b/model/model.json', { name: 'x', tolerance, golden, path: '/score' });
    expect(loadGoldenModels(root, ['a', 'b', 'c'])).toEqual({
      ok: true,
      value: {
        a: [
          { name: 'm', path: '/v2/models/m/infer', tolerance, golden },
          { name: 'plain', path: '/v2/models/plain/infer', tolerance, golden },
        ],
        b: [{ name: 'x', path: '/score', tolerance, golden }],
      },
    });
  });

  test.each([
    [{ name: '', tolerance, golden }, 'name'],
    [{ name: 'm', tolerance: { absolute: -1, relative: 0 }, golden }, 'tolerance'],
    [{ name: 'm', golden }, 'tolerance'],
    [{ name: 'm', tolerance, golden: {} }, 'golden'],
    [{ name: 'm', tolerance, golden: [{ inputs: [] }] }, 'golden.0.name'],
    [{ name: 'm', tolerance, golden: [{ name: 'a', inputs: [{}] }] }, 'golden.0.inputs'],
    [{ name: 'm', tolerance, golden: [...golden, ...golden] }, 'golden'],
    [{ name: 'm', tolerance, golden: [{ name: 'a', inputs: [tensor(Array(60_000).fill(1))] }] }, 'golden'],
  ])('that is wrong is refused by file and field', (content, field) => {
    write('services/a/model/model.json', content);
    expect(loadGoldenModels(root, ['a'])).toMatchObject({ ok: false, errors: [{ field }] });
  });
});

test('the models of this repository have golden requests', () => {
  const loaded = loadGoldenModels(join(import.meta.dirname, '../..'), ['inference', 'scorer']);
  expect(loaded).toMatchObject({ ok: true });
  const names = loaded.ok ? Object.values(loaded.value).flatMap((list) => list.map(({ name }) => name)) : [];
  expect(names).toEqual(expect.arrayContaining(['fuel-economy', 'flight-delay', 'penguin-species']));
});
