import type { ModelDescription } from '../../../kit/model/description.ts';

/**
 * Model metadata as the protocol has it. What it has no field for (titles, units, choices, examples, errors measured) goes
 * into `parameters`, as other servers do; the web page builds its form from it.
 */
export function describeModel(description: ModelDescription, versions: readonly string[]): unknown {
  const { name, version, title, inputs, outputs, examples, metrics, data, tenant, targetContainer } = description;
  return {
    name,
    versions,
    platform: 'onnxruntime_onnx',
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    parameters: {
      version,
      title,
      description: description.description,
      features: Object.fromEntries(inputs.map(({ name, features }) => [name, features])),
      outputs: Object.fromEntries(outputs.map(({ name, title, unit, labels }) => [name, { title, unit, labels }])),
      examples,
      metrics,
      data,
      tenant,
      targetContainer,
    },
  };
}
