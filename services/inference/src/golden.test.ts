import type { ModelDescription } from '../../kit/model/description.ts';
import { findDifference, findGoldenProblem } from '../../kit/model/golden.ts';
import { loadModel } from '../../kit/model/session.ts';
import { listModels, readModel } from '../../kit/model/store.ts';
import { sampleModels, startTestServer } from './test-server.ts';

const objects = sampleModels();

async function models() {
  const files = await Promise.all((await listModels(objects)).map((address) => readModel(objects, address)));
  const loaded = await Promise.all(files.map(async (one) => (one.ok ? loadModel(one.value) : one)));
  return loaded.map((one) => {
    if (!one.ok) throw new Error(one.error);
    return one.value;
  });
}

test('every model answers its golden requests, in process and over the routes', async () => {
  const { ask } = await startTestServer();
  for (const model of await models()) {
    const { name, golden, tolerance } = model.description;
    expect(await findGoldenProblem(model)).toBeUndefined();
    expect(golden.length).toBeGreaterThan(1);
    for (const { inputs, outputs = [] } of golden) {
      const answer = (await ask('POST', `/v2/models/${name}/infer`, { inputs })).json() as {
        outputs: { data: number[] }[];
      };
      expect(findDifference(outputs[0]?.data ?? [], answer.outputs[0]?.data ?? [], tolerance)).toBeUndefined();
    }
  }
});

test('an answer outside the tolerance is named: request, output, place, both values', async () => {
  const [model] = await models();
  if (!model) throw new Error('there is no model');
  const tenfold = model.description.golden.map((request) => ({
    ...request,
    outputs:
      request.outputs?.map((output) => ({ ...output, data: output.data.map((value) => Number(value) * 10) })) ?? [],
  }));
  const description: ModelDescription = { ...model.description, golden: tenfold };
  expect(await findGoldenProblem({ description, run: model.run })).toMatch(
    /^flight-delay 1, golden request "First flight on Wednesday": late_probability at 0 is 0\.\d+, expected 1\.\d+ \(tolerance 0.06/,
  );
});
