/**
 * Trains the sample models on real data and writes them where their services expect them.
 * Usage: node tools/train-models.ts [--check]    --check writes nothing and fails when a committed file differs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fitTask } from './train/fit.ts';
import { renderModel } from './train/render.ts';
import type { Task } from './train/task.ts';
import { flightDelay } from './train/tasks/flight-delay.ts';
import { fuelEconomy } from './train/tasks/fuel-economy.ts';
import { penguinSpecies } from './train/tasks/penguin-species.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');

const models: readonly { readonly task: Task; readonly folder: string }[] = [
  { task: fuelEconomy, folder: `services/inference/models/fuel-economy/${fuelEconomy.version}` },
  { task: flightDelay, folder: `services/inference/models/flight-delay/${flightDelay.version}` },
  { task: penguinSpecies, folder: 'services/scorer/model' },
];

for (const { task, folder } of models) {
  const started = performance.now();
  const fitted = fitTask(task);
  const { onnx, json } = renderModel(task, fitted);
  const { error, model, baseline, trainingRows, heldOutRows } = fitted.metrics;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${task.name} ${task.version}: ${error} ${model} on ${heldOutRows} held-out rows (mean predictor ${baseline}); ` +
      `${trainingRows} training rows, ${onnx.length} bytes, ${seconds} s`,
  );
  place(join(folder, 'model.onnx'), onnx);
  place(join(folder, 'model.json'), Buffer.from(json));
}

function place(file: string, bytes: Buffer): void {
  const path = join(root, file);
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  } else if (!readFileSync(path).equals(bytes)) {
    console.error(`${file} differs from what training yields; run: node tools/train-models.ts`);
    process.exitCode = 1;
  }
}
