import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFamily } from './family.ts';
import { isFrugal } from './frugal.ts';
import { readGraph } from './onnx-read.ts';
import { encodeModel } from './onnx-write.ts';
import { parseDescription } from './read-description.ts';
import { loadModel } from './session.ts';

const samples = join(import.meta.dirname, '../../inference/models');
const threads = { intraOpNumThreads: 1, interOpNumThreads: 1 };

function sample(name: string) {
  const onnx = readFileSync(join(samples, name, '1/model.onnx'));
  const description = parseDescription(readFileSync(join(samples, name, '1/model.json'), 'utf8'));
  const graph = readGraph(onnx);
  if (!description.ok || !graph.ok) throw new Error(`${name} cannot be read`);
  return { onnx, description: description.value, graph: graph.value };
}

test.each(['fuel-economy', 'flight-delay'])(
  '%s as members of a family answers like sessions of their own',
  async (name) => {
    const { onnx, description, graph } = sample(name);
    expect(isFrugal(graph)).toBe(true);
    const member = readFamily(graph, description);
    if (!member) throw new Error('no member of a family');
    const [input, output] = [description.inputs[0]?.name ?? '', description.outputs[0]?.name ?? ''];
    const { family, values } = member;

    // The second member has the first one's weights, a little larger.
    const members = 2;
    const feeds: Record<string, Tensor> = {};
    for (const [index, { name: weight, shape, length }] of family.weights.entries()) {
      const data = new Float32Array(members * length);
      const first = new Float32Array(new Uint8Array(values[index] as Uint8Array).buffer);
      data.set(first);
      data.set(
        first.map((value) => value * 1.01),
        length,
      );
      feeds[weight] = new Tensor('float32', data, [members, ...shape]);
    }
    const rows = description.examples.map((example) => example.values);
    const width = rows[0]?.length ?? 0;
    const twice = [...rows, ...rows];
    feeds[input] = new Tensor('float32', Float32Array.from(twice.flat()), [twice.length, width]);
    feeds['slipway_member'] = new Tensor(
      'int64',
      BigInt64Array.from(twice, (_, row) => BigInt(row < rows.length ? 0 : 1)),
      [twice.length],
    );
    const session = await InferenceSession.create(family.encode(), threads);
    const together = (await session.run(feeds))[output]?.data as Float32Array;

    const alone = await loadModel({ description, onnx });
    if (!alone.ok) throw new Error(alone.error);
    const inputs = {
      [input]: { datatype: 'FP32', shape: [rows.length, width], data: Float32Array.from(rows.flat()) },
    } as const;
    const expected = (await alone.value.run(inputs))[output]?.data as Float32Array;
    for (const [row, value] of expected.entries())
      expect(Math.abs((together[row] as number) - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
    expect(together[rows.length]).not.toBeCloseTo(together[0] as number, 6);
  },
);

test('other weights are the same family; other columns, sizes or operators are another, or none', () => {
  const { description, graph } = sample('fuel-economy');
  const key = readFamily(graph, description)?.family.key;
  const otherWeights = {
    ...graph,
    constants: graph.constants.map((one) =>
      one.type === 1 && one.raw ? { ...one, raw: new Uint8Array(one.raw.length) } : one,
    ),
  };
  expect(readFamily(otherWeights, description)?.family.key).toBe(key);
  const otherColumns = {
    ...graph,
    constants: graph.constants.map((one) =>
      one.type === 7 && one.raw ? { ...one, raw: new Uint8Array(one.raw.length) } : one,
    ),
  };
  expect(readFamily(otherColumns, description)?.family.key).not.toBe(key);
  const loop = { ...graph, nodes: graph.nodes.map((node, at) => (at === 0 ? { ...node, operator: 'Loop' } : node)) };
  expect(readFamily(loop, description)).toBeUndefined();
  expect(isFrugal(loop)).toBe(false);
});

test('a truncated file, random bytes and weights in another file are refused', () => {
  const { onnx } = sample('fuel-economy');
  for (const length of [1, 10, 100, 1000, onnx.length - 1])
    expect(readGraph(onnx.subarray(0, length))).toMatchObject({
      ok: false,
      error: expect.stringMatching(/model.onnx/),
    });
  expect(readGraph(Buffer.from('no graph'))).toMatchObject({ ok: false });
  expect(readGraph(new Uint8Array())).toMatchObject({ ok: false, error: 'model.onnx holds no graph' });
  const graph = encodeModel({
    name: 'x',
    inputs: [],
    outputs: [],
    constants: [{ name: 'w', shape: [1], values: Float32Array.of(1) }],
    nodes: [],
  });
  expect(readGraph(graph)).toMatchObject({ ok: true, value: { constants: [{ name: 'w', shape: [1], type: 1 }] } });
});
