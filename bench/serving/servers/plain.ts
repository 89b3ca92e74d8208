/** The server that most people would write: fastify, a schema for the body, one `session.run` per request. Argument: the ONNX file. */
import fastify from 'fastify';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const session = await InferenceSession.create(process.argv[2] ?? '', { intraOpNumThreads: 1, interOpNumThreads: 1 });
const app = fastify({ bodyLimit: 6 * 2 ** 20 });
const body = {
  type: 'object',
  required: ['inputs'],
  properties: {
    inputs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'shape', 'data'],
        properties: {
          name: { type: 'string' },
          shape: { type: 'array', items: { type: 'integer' } },
          data: { type: 'array', items: { type: 'number' } },
        },
      },
    },
  },
};
interface Body {
  readonly inputs: readonly [{ readonly shape: number[]; readonly data: number[] }];
}

// With `validate` the schema is checked as fastify does by default; without it nothing is checked at all.
const schema = process.argv[3] === 'validate' ? { body } : {};
app.post('/v2/models/dense/infer', { schema }, async (request) => {
  const [{ shape, data }] = (request.body as Body).inputs;
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(data), shape) });
  return {
    model_name: 'dense',
    model_version: '1',
    outputs: [{ name: 'y', datatype: 'FP32', shape: y?.dims, data: Array.from(y?.data as Float32Array) }],
  };
});
await app.listen({ port: 0, host: '127.0.0.1' });
console.log((app.server.address() as { port: number }).port);
