import { startTestServer } from '../../services/inference/src/test-server.ts';
import type { Datatype } from '../../services/kit/model/datatypes.ts';
import type { ModelDescription } from '../../services/kit/model/description.ts';
import { encodeModel } from '../../services/kit/model/onnx-write.ts';
import { memoryObjects } from '../../services/kit/test-support.ts';

/** A model that answers what it is asked. */
function echoModel(datatype: Datatype, input = 'in'): Map<string, Uint8Array> {
  const tensor = (name: string) => ({ name, datatype, shape: [-1, 2] });
  const value = (name: string) => ({ name, datatype, shape: ['rows', 2] });
  const description: Partial<ModelDescription> = {
    name: 'echo',
    version: '1',
    inputs: [{ ...tensor(input), features: [] }],
    outputs: [{ ...tensor('out'), title: 'Out', unit: '' }],
  };
  const nodes = [{ operator: 'Identity', inputs: [input], output: 'out' }];
  const onnx = encodeModel({ name: 'echo', inputs: [value(input)], outputs: [value('out')], constants: [], nodes });
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
  ['FP64', [1e-7, 123456.789012345], null],
  ['FP64', [-1.7e308, 5e-324], '1'],
  ['FP16', [0.5, -65504], 65536],
  ['INT64', [9007199254740991, -3], 1.5],
  ['INT32', [2147483647, -3], 2147483648],
  ['INT16', [32767, -32768], 32768],
  ['INT8', [127, -128], -129],
  ['UINT64', [9007199254740991, 0], -1],
  ['UINT32', [4294967295, 0], 4294967296],
  ['UINT16', [65535, 0], -1],
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

test('bytes that are no text are refused, because others would come back', async () => {
  const { ask } = await startTestServer({ objects: memoryObjects(echoModel('BYTES')) });
  const bytes = Buffer.from([1, 0, 0, 0, 0x61, 2, 0, 0, 0, 0xff, 0xfe]);
  const tensor = { name: 'in', shape: [1, 2], datatype: 'BYTES', parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [tensor] }));
  const answer = await ask('POST', '/v2/models/echo/infer', Buffer.concat([head, bytes]), {
    'inference-header-content-length': String(head.length),
  });
  expect(answer).toMatchObject({
    status: 400,
    text: expect.stringContaining('of in at 1 is not UTF-8, expected text'),
  });
});

test.each(['constructor', 'toString', 'x y'])('an input may be called %s', async (name) => {
  const { ask } = await startTestServer({ objects: memoryObjects(echoModel('FP32', name)) });
  const inputs = [{ name, shape: [1, 2], datatype: 'FP32', data: [1, 2] }];
  expect((await ask('POST', '/v2/models/echo/infer', { inputs })).text).toMatch(/"data":\[1,2\]/);
  expect((await ask('POST', '/v2/models/echo/infer', { inputs: [...inputs, ...inputs] })).text).toMatch(/repeats/);
  expect((await ask('POST', '/v2/models/echo/infer', { inputs: [] })).text).toMatch(/lacks/);
});
