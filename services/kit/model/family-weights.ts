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

/** The bytes of float32 numbers where they lie in the file; undefined when they are something else. */
export function floatBytes(constant: GraphConstant | undefined, length: number): Uint8Array | undefined {
  return constant?.type === FLOAT && constant.raw?.length === length * 4 ? constant.raw : undefined;
}

export function readIntegers(constant: GraphConstant | undefined): BigInt64Array | undefined {
  if (constant?.type !== INT64 || constant.raw === undefined) return undefined;
  return new BigInt64Array(new Uint8Array(constant.raw).buffer);
}
