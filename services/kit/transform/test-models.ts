/** A model for tests whose answers can be told without computing: twice the sum of a row. */
import type { ModelDescription } from '../model/description.ts';
import { encodeModel } from '../model/onnx-write.ts';
import { parseDescription } from '../model/read-description.ts';

export function sumModel(fields: {
  name: string;
  version?: string;
  tenant?: string;
  columns?: number;
  features?: readonly string[];
}) {
  const { name, version = '1', tenant, columns = 3, features } = fields;
  const json = JSON.stringify({
    name,
    version,
    ...(tenant && { tenant }),
    inputs: [
      {
        name: 'x',
        datatype: 'FP32',
        shape: [-1, columns],
        ...(features && {
          features: features.map((one) => ({
            kind: 'number',
            name: one,
            title: one,
            unit: '',
            minimum: 0,
            maximum: 1,
            step: 1,
          })),
        }),
      },
    ],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  });
  const onnx = encodeModel({
    name: 'sum',
    inputs: [{ name: 'x', shape: ['rows', columns] }],
    outputs: [{ name: 'y', shape: ['rows', 1] }],
    constants: [{ name: 'w', shape: [columns, 1], values: new Float32Array(columns).fill(2) }],
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], output: 'y' }],
  });
  const parsed = parseDescription(json);
  if (!parsed.ok) throw new Error(parsed.error);
  return { json, onnx, description: parsed.value as ModelDescription };
}
