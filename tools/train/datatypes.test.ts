import { startTestServer } from '../../services/inference/src/test-server.ts';
import type { Datatype } from '../../services/kit/model/datatypes.ts';
import type { ModelDescription } from '../../services/kit/model/description.ts';
import { encodeModel } from '../../services/kit/model/onnx-write.ts';
import { memoryObjects } from '../../services/kit/test-support.ts';

/** A model that answers what it is asked. */
function echoModel(datatype: Datatype): Map<string, Uint8Array> {
  const tensor = (name: string) => ({ name, datatype, shape: [-1, 2] });
  const value = (name: string) => ({ name, datatype, shape: ['rows', 2] });
  const description: Partial<ModelDescription> = {
    name: 'echo',
    version: '1',
    inputs: [{ ...tensor('in'), features: [] }],
    outputs: [{ ...tensor('out'), title: 'Out', unit: '' }],
  };
  const nodes = [{ operator: 'Identity', inputs: ['in'], output: 'out' }];
  const onnx = encodeModel({ name: 'echo', inputs: [value('in')], outputs: [value('out')], constants: [], nodes });
  return new Map<string, Uint8Array>([
    ['echo/1/model.json', Buffer.from(JSON.stringify(description))],
    ['echo/1/model.onnx', onnx],
  ]);
}

async function serve(datatype: Datatype) {
  const { ask } = await startTestServer({ objects: memoryObjects(echoModel(datatype)) });
  return (data: unknown) =>
    ask('POST', '/v2/models/echo/infer', { inputs: [{ name: 'in', shape: [1, 2], datatype, data }] });
}

test.each([
  ['FP32', [0.5, -2], 'x'],
  ['FP64', [0.1, 123456.789], null],
  ['INT64', [9007199254740991, -3], 1.5],
  ['INT32', [2147483647, -3], 2147483648],
  ['UINT8', [255, 0], 256],
  ['BOOL', [true, false], 'true'],
  ['BYTES', ['snow ☃', ''], 1],
] as const)(
  '%s goes in and comes out, one by one and together; anything else is refused',
  async (datatype, data, wrong) => {
    const infer = await serve(datatype);
    const answers = await Promise.all([infer(data), infer([...data].reverse())]);
    const outputs = answers.map((answer) => (answer.json() as { outputs: unknown[] }).outputs[0]);
    const expected = (values: unknown) => ({ name: 'out', datatype, shape: [1, 2], data: values });
    expect(outputs).toEqual([expected(data), expected([...data].reverse())]);
    expect((await infer([wrong, wrong])).status).toBe(400);
  },
);
