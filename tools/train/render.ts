import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import type { GoldenRequest, GoldenTensor, ModelDescription } from '../../services/kit/model/description.ts';
import { encodeModel } from '../../services/kit/model/onnx-write.ts';
import { type FittedModel, predictRow } from './fit.ts';
import { buildGraph } from './graph.ts';
import type { Task } from './task.ts';

const INPUT = 'features';
/** What a float32 carries. */
const SIGNIFICANT_DIGITS = 7;

/** The two files of a model, as bytes. */
export function renderModel(task: Task, fitted: FittedModel): { onnx: Buffer; json: string } {
  const { encoding, network, metrics } = fitted;
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
    tolerance: task.tolerance,
    golden: goldenRequests(task, fitted),
    ...(task.path !== undefined && { path: task.path }),
    examples: task.examples,
    metrics,
    data: task.data,
  };
  return { onnx, json: formatJson(JSON.stringify(description, null, 2)) };
}

/** One request per example and one with all of them, so that a batch is checked too. */
function goldenRequests(task: Task, fitted: FittedModel): GoldenRequest[] {
  const golden = (name: string, rows: readonly (readonly number[])[]): GoldenRequest => ({
    name,
    inputs: [fp32(INPUT, rows)],
    outputs: [
      fp32(
        task.output.name,
        rows.map((values) => predictRow(fitted, values).map((value) => Number(value.toPrecision(SIGNIFICANT_DIGITS)))),
      ),
    ],
  });
  const alone = task.examples.map(({ title, values }) => golden(title, [values]));
  const rows = task.examples.map(({ values }) => values);
  return [...alone, golden('All examples together', rows)];
}

function fp32(name: string, rows: readonly (readonly number[])[]): GoldenTensor {
  return { name, datatype: 'FP32', shape: [rows.length, rows[0]?.length ?? 0], data: rows.flat() };
}

/** Written as the repository's formatter wants it, so that formatting never changes a model's files. */
function formatJson(json: string): string {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const options = ['format', '--stdin-file-path=model.json'];
  return execFileSync(process.execPath, [biome, ...options], { input: json, encoding: 'utf8' });
}
