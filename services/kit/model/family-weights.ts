/** The numbers of a family's members. */
import type { GraphConstant } from './onnx-read.ts';

/** Name of the input that says which member each row is of. */
export const MEMBER = 'slipway_member';

/** One weight of all members: `[members, ...shape]`. */
export interface FamilyWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
}

const FLOAT = 1;
const INT64 = 7;

export function readFloats(constant: GraphConstant | undefined, length: number): Float32Array | undefined {
  if (constant?.type !== FLOAT || constant.raw?.length !== length * 4) return undefined;
  // A copy: the file's bytes are let go, and numbers lie where the processor wants them.
  return new Float32Array(new Uint8Array(constant.raw).buffer);
}

export function readIntegers(constant: GraphConstant | undefined): BigInt64Array | undefined {
  if (constant?.type !== INT64 || constant.raw === undefined) return undefined;
  return new BigInt64Array(new Uint8Array(constant.raw).buffer);
}
