import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import type { ModelDescription } from '../../services/kit/model/description.ts';
import type { FittedModel } from './fit.ts';
import { buildGraph } from './graph.ts';
import { encodeModel } from './onnx.ts';
import type { Task } from './task.ts';

const INPUT = 'features';

/** The two files of a model, as bytes. */
export function renderModel(task: Task, { encoding, network, metrics }: FittedModel): { onnx: Buffer; json: string } {
  const columns = network.layers.at(-1)?.outputs ?? 1;
  const onnx = encodeModel(
    buildGraph({
      name: task.name,
      encoding,
      network,
      input: { name: INPUT, columns: task.features.length },
      output: { name: task.output.name, columns },
    }),
  );
  const description: ModelDescription = {
    name: task.name,
    version: task.version,
    title: task.title,
    description: task.description,
    inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, task.features.length], features: task.features }],
    outputs: [{ ...task.output, datatype: 'FP32', shape: [-1, columns] }],
    examples: task.examples,
    metrics,
    data: task.data,
  };
  return { onnx, json: formatJson(JSON.stringify(description, null, 2)) };
}

/** Written as the repository's formatter wants it, so that formatting never changes a model's files. */
function formatJson(json: string): string {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const options = ['format', '--stdin-file-path=model.json'];
  return execFileSync(process.execPath, [biome, ...options], { input: json, encoding: 'utf8' });
}
