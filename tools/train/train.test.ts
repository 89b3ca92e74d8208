import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDescription } from '../../services/kit/model/read-description.ts';
import { loadModel } from '../../services/kit/model/session.ts';
import { fitTask, predictRow } from './fit.ts';
import { renderModel } from './render.ts';
import type { Task } from './task.ts';
import { flightDelay } from './tasks/flight-delay.ts';
import { fuelEconomy } from './tasks/fuel-economy.ts';
import { penguinSpecies } from './tasks/penguin-species.ts';

const services = join(import.meta.dirname, '../../services');
const cases: [string, Task, string][] = [
  ['fuel-economy', fuelEconomy, 'inference/models/fuel-economy/1'],
  ['flight-delay', flightDelay, 'inference/models/flight-delay/1'],
  ['penguin-species', penguinSpecies, 'scorer/model'],
];

test.each(cases)(
  '%s: training yields the committed files, and they answer what the network answers',
  async (_name, task, folder) => {
    const fitted = fitTask(task);
    const { onnx, json } = renderModel(task, fitted);
    expect(onnx.equals(readFileSync(join(services, folder, 'model.onnx')))).toBe(true);
    expect(json).toBe(readFileSync(join(services, folder, 'model.json'), 'utf8'));
    expect(fitted.metrics.model).toBeLessThan(fitted.metrics.baseline);

    const description = parseDescription(json);
    const model = description.ok ? await loadModel({ description: description.value, onnx }) : description;
    if (!model.ok) throw new Error(model.error);
    const rows = task
      .rows()
      .slice(0, 100)
      .map(({ values }) => values);
    const shape = [rows.length, task.features.length];
    const outputs = await model.value.run({
      features: { datatype: 'FP32', shape, data: Float32Array.from(rows.flat()) },
    });
    const answered = Array.from(outputs[task.output.name]?.data ?? [], Number);
    const expected = rows.flatMap((values) => predictRow(fitted, values));
    expect(answered).toHaveLength(expected.length);
    for (const [at, value] of expected.entries())
      expect(Math.abs((answered[at] ?? Number.NaN) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
  },
);
