import type { Tensor, Tensors } from '../../kit/model/session.ts';
import { createBatcher } from './batcher.ts';

const row = (...data: number[]): Tensors => ({
  x: { datatype: 'FP32', shape: [1, data.length], data: Float32Array.from(data) },
});

/** A model that doubles, and keeps the shapes it was run with. */
function doubling() {
  const shapes: (readonly number[])[] = [];
  const run = async (inputs: Tensors): Promise<Tensors> => {
    const { x } = inputs as { x: Tensor };
    shapes.push(x.shape);
    return { y: { ...x, data: (x.data as Float32Array).map((value) => value * 2) } };
  };
  return { run, shapes };
}

const valuesOf = async (answer: ReturnType<ReturnType<typeof createBatcher>['submit']>) =>
  answer === 'full' ? 'full' : Array.from((await answer)['y']?.data as Float32Array);

test('what arrives in one turn is one run, up to the limit, and everybody gets their own rows', async () => {
  const model = doubling();
  const batcher = createBatcher(model, { maximumBatch: 3, maximumWaiting: 100 });
  const answers = await Promise.all([1, 2, 3, 4, 5].map((value) => valuesOf(batcher.submit(row(value)))));
  expect(answers).toEqual([[2], [4], [6], [8], [10]]);
  expect(model.shapes).toEqual([
    [3, 1],
    [2, 1],
  ]);
});

test('only equal shapes share a run; a request larger than a batch runs alone', async () => {
  const model = doubling();
  const batcher = createBatcher(model, { maximumBatch: 2, maximumWaiting: 100 });
  const large: Tensors = { x: { datatype: 'FP32', shape: [5, 1], data: new Float32Array(5).fill(1) } };
  const answers = await Promise.all(
    [row(1), row(1, 2), row(3), large].map((inputs) => valuesOf(batcher.submit(inputs))),
  );
  expect(answers).toEqual([[2], [2, 4], [6], [2, 2, 2, 2, 2]]);
  expect(model.shapes).toEqual([
    [2, 1],
    [1, 2],
    [5, 1],
  ]);
});

test('a run that fails fails its requests and no others', async () => {
  let runs = 0;
  const failing = {
    run: async (inputs: Tensors): Promise<Tensors> => {
      runs++;
      if (runs === 1) throw new Error('no memory');
      return { y: inputs['x'] as Tensor };
    },
  };
  const batcher = createBatcher(failing, { maximumBatch: 1, maximumWaiting: 10 });
  const [first, second] = await Promise.allSettled([
    valuesOf(batcher.submit(row(1))),
    valuesOf(batcher.submit(row(2))),
  ]);
  expect(first).toMatchObject({ status: 'rejected', reason: expect.objectContaining({ message: 'no memory' }) });
  expect(second).toEqual({ status: 'fulfilled', value: [2] });
});
