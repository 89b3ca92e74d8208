/** How large an answer may be. Whoever needs more asks for fewer rows at a time, or for a file. */
import { bytesOfOne } from '../../../kit/model/datatypes.ts';
import type { OutputDescription } from '../../../kit/model/description.ts';

export const LARGEST_ANSWER_BYTES = 8 * 2 ** 20;

export const tooLarge = (bytes: number): string =>
  `the answer has ${bytes} bytes, at most ${LARGEST_ANSWER_BYTES} are possible; ask for fewer rows`;

/** What all outputs of a row take, as far as the description tells: sizes that vary count as one. */
export function rowBytes(outputs: readonly OutputDescription[]): number {
  return outputs.reduce((total, { datatype, shape }) => {
    const values = shape.slice(1).reduce((product, size) => product * Math.max(1, size), 1);
    return total + values * bytesOfOne(datatype);
  }, 0);
}
