/** Small models that are known to end compute in this process, where a run costs a few microseconds and no message. */
import { loadModel } from '../../../kit/model/session.ts';
import type { Executor } from '../batching/executor.ts';
import { createPacker, unpackBatch } from '../batching/pack.ts';
import type { Host, ReadModel } from './host.ts';

/** ONNX Runtime keeps the weights, a copy in another order, and some hundred kilobytes of its own. */
const OVERHEAD_BYTES = 200_000;
const SHARE_OF_FILE = 1.6;

export function createInlineHost(executor: Executor): Host<ReadModel> {
  const packBatch = createPacker();
  return {
    async load({ description, onnx }) {
      const loaded = await loadModel({ description, onnx });
      if (!loaded.ok) return loaded;
      const model = loaded.value;
      const lane = executor.lane((batch) => {
        const { inputs, rows } = packBatch(batch);
        const packedAt = performance.now();
        return { outputs: unpackBatch(model.compute(inputs), batch, rows), packedAt };
      });
      const bytes = OVERHEAD_BYTES + Math.ceil(onnx.length * SHARE_OF_FILE);
      const { firstRun } = model.startTimes;
      return { ok: true, value: { kind: 'inline', lane, slot: 0, bytes, firstRun, release: () => model.release() } };
    },
  };
}
