/**
 * What the server and its runners say to each other: frames of a JSON header and the bytes of tensors.
 * `[length of the frame][length of the header][header][bytes]`, lengths as 32-bit little-endian numbers.
 */
import { type Datatype, fromBytes, toBytes } from '../../../kit/model/datatypes.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import type { Tensor, Tensors } from '../../../kit/model/session.ts';

type TensorHeader = readonly [name: string, datatype: Datatype, shape: readonly number[], bytes: number];

export type Request =
  | {
      readonly id: number;
      readonly load: {
        readonly key: string;
        /** A file that begins with the ONNX file, and how long that is. */
        readonly path: string;
        readonly bytes: number;
        readonly description: ModelDescription;
      };
    }
  | { readonly id: number; readonly unload: string }
  | { readonly id: number; readonly run: string; readonly tensors: readonly TensorHeader[] };

export interface Reply {
  readonly id: number;
  /** Why it did not work. */
  readonly error?: string;
  readonly tensors?: readonly TensorHeader[];
  /** Milliseconds that the first answer took of a model that was loaded. */
  readonly firstRun?: number;
}

const LENGTH_BYTES = 4;

export function encodeFrame(header: Request | Reply, parts: readonly Uint8Array[] = []): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const size = parts.reduce((total, part) => total + part.length, LENGTH_BYTES + json.length);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + size);
  frame.writeUInt32LE(size, 0);
  frame.writeUInt32LE(json.length, LENGTH_BYTES);
  json.copy(frame, 2 * LENGTH_BYTES);
  let offset = 2 * LENGTH_BYTES + json.length;
  for (const part of parts) {
    frame.set(part, offset);
    offset += part.length;
  }
  return frame;
}

/** A reader that is given what arrives and calls back for each whole frame. */
export function createFrameReader<Header>(onFrame: (header: Header, bytes: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    let wanted = frameSize(chunks, size);
    if (size < wanted) return;
    let buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks, size);
    while (buffer.length >= wanted) {
      const headerEnd = 2 * LENGTH_BYTES + buffer.readUInt32LE(LENGTH_BYTES);
      onFrame(JSON.parse(buffer.toString('utf8', 2 * LENGTH_BYTES, headerEnd)), buffer.subarray(headerEnd, wanted));
      buffer = buffer.subarray(wanted);
      wanted = frameSize([buffer], buffer.length);
    }
    chunks = buffer.length === 0 ? [] : [buffer];
    size = buffer.length;
  };
}

/** Of the frame that begins with the first chunk; infinite while not even its length has arrived. */
function frameSize(chunks: readonly Buffer[], size: number): number {
  if (size < LENGTH_BYTES) return Number.POSITIVE_INFINITY;
  const [first] = chunks;
  const start = first && first.length >= LENGTH_BYTES ? first : Buffer.concat(chunks);
  return LENGTH_BYTES + start.readUInt32LE(0);
}

export function encodeTensors(tensors: Tensors): { readonly tensors: TensorHeader[]; readonly parts: Buffer[] } {
  const parts: Buffer[] = [];
  const headers = Object.entries(tensors).map(([name, { datatype, shape, data }]): TensorHeader => {
    const bytes = toBytes(data);
    parts.push(bytes);
    return [name, datatype, shape, bytes.length];
  });
  return { tensors: headers, parts };
}

/** @throws when the bytes are not what the header says, which would be a bug on the other side */
export function decodeTensors(headers: readonly TensorHeader[], bytes: Buffer): Tensors {
  const tensors: Record<string, Tensor> = {};
  let offset = 0;
  for (const [name, datatype, shape, size] of headers) {
    const length = shape.reduce((total, one) => total * one, 1);
    const data = fromBytes(datatype, bytes.subarray(offset, offset + size), length);
    if (!data.ok) throw new Error(`${name} ${data.error}`);
    tensors[name] = { datatype, shape, data: data.value };
    offset += size;
  }
  return tensors;
}
