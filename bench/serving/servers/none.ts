/** The ceiling: node:http that parses the same JSON and answers with JSON, without routes, checks, ids, counts or a model. */
import { createServer } from 'node:http';
import { announce } from './announce.ts';

announce(
  createServer({ keepAliveTimeout: 65_000 }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { inputs } = JSON.parse(Buffer.concat(chunks).toString()) as { inputs: { data: number[] }[] };
      const answer = JSON.stringify({
        model_name: 'dense',
        model_version: '1',
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [inputs[0]?.data.length] }],
      });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    });
  }),
);
