/** What SageMaker's clients send besides the Open Inference Protocol: JSON with `instances`, and CSV. Both are rows of one input. */
import { refuse } from '../../../kit/http/answer.ts';
import { parseJsonBody } from '../../../kit/http/body.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import { isFloats, isText } from '../../../kit/model/datatypes.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import { readInferenceRequest } from '../../../kit/model/inference-request.ts';
import type { Tensor, Tensors } from '../../../kit/model/session.ts';
import { findInfinite } from '../../../kit/model/values.ts';
import { isRecord } from '../../../kit/result.ts';
import { postprocess } from '../postprocess.ts';
import { check, HEADER_LENGTH, type ReadRequest, readProtocolBody } from './body.ts';
import type { Asked } from './infer.ts';

/** @returns how to read this request and how to write its answer, which is in the same form */
export function createReader(request: RoutedRequest): Pick<Asked, 'read' | 'write'> {
  if (isCsv(request)) {
    return {
      read: (description) => readCsv(request.body as Uint8Array, description),
      write: ({ name }, _request, outputs) =>
        writeRows(name, outputs, (rows) => ({
          headers: { 'content-type': 'text/csv' },
          body: `${rows.map((row) => row.join()).join('\n')}\n`,
        })),
    };
  }
  if (request.headers[HEADER_LENGTH] !== undefined)
    return { read: (description) => readProtocolBody(request, description) };
  let instances = false;
  return {
    read(description) {
      const body = parseJsonBody({ headers: request.headers, body: request.body as Uint8Array });
      if (!body.ok) return body;
      instances = isRecord(body.value) && 'instances' in body.value;
      return instances ? readInstances(body.value, description) : check(readInferenceRequest(body.value, description));
    },
    write: (serving, asked, outputs) =>
      instances
        ? writeRows(serving.name, outputs, (rows) => ({
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ predictions: rows.map((row) => (row.length === 1 ? row[0] : row)) }),
          }))
        : serving.write(asked, outputs),
  };
}

const isCsv = ({ headers }: RoutedRequest): boolean =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'text/csv';

function readInstances(body: unknown, description: ModelDescription): ReadRequest {
  const { instances } = body as { readonly instances: unknown };
  if (!Array.isArray(instances)) return no('`instances` has to be a list of rows');
  return readRows(instances, description);
}

function readCsv(bytes: Uint8Array, description: ModelDescription): ReadRequest {
  if (countLines(bytes) > MAXIMUM_LINES)
    return no(`the body has more than ${MAXIMUM_LINES} lines; send fewer, or a file`);
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const text = description.inputs[0]?.datatype === 'BYTES';
  return readRows(
    lines.map((line) => line.split(',').map((cell) => (text ? cell : toNumber(cell)))),
    description,
  );
}

/** With some empty ones that do not count. */
const MAXIMUM_LINES = 20_000;
const LINE_FEED = 10;

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

/** A cell that is no number stays what it is, so that the error can show it. */
const toNumber = (cell: string): number | string =>
  cell.trim() === '' || Number.isNaN(Number(cell)) ? cell : Number(cell);

function readRows(rows: readonly unknown[], description: ModelDescription): ReadRequest {
  const [input, ...others] = description.inputs;
  if (!input || others.length > 0) return no(`${description.name} has several inputs; use the Open Inference Protocol`);
  const shape = [
    rows.length,
    ...input.shape.slice(1).map((size) => (size < 0 && Array.isArray(rows[0]) ? rows[0].length : size)),
  ];
  return check(
    readInferenceRequest({ inputs: [{ name: input.name, datatype: input.datatype, shape, data: rows }] }, description),
  );
}

type Rows = readonly (readonly (number | string)[])[];

/** The first output, row by row. */
function writeRows(
  name: string,
  outputs: Tensors,
  write: (rows: Rows) => { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): ReturnType<NonNullable<Asked['write']>> {
  const { data, shape } = Object.values(outputs)[0] as Tensor;
  const [count = 1] = shape;
  const floats = isFloats(data);
  if (floats && findInfinite(data) >= 0) return { ok: false, error: `${name} has no finite answer to these inputs` };
  const width = data.length / count;
  const values = isText(data)
    ? data
    : Array.from(data as Float32Array, (value) =>
        floats && !(data instanceof Float64Array) ? postprocess(value) : Number(value),
      );
  const rows = Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
  return { ok: true, value: write(rows) };
}

const no = (error: string): ReadRequest => ({ ok: false, answer: refuse(400, error) });
