/**
 * Reads the numbers of a request from its bytes. Most of a request is one list of numbers; to make a string of it, a list of that and then
 * an array of floats costs several times what the model costs. Whatever is unusual is left to JSON.parse, which also knows how to complain.
 */

export interface CutOut {
  /** The list takes the bytes from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Only until the next call. */
  readonly numbers: Float32Array;
}

/** Stands for the numbers that were cut out. */
export const MARK = '\u0001numbers';

const DATA = Buffer.from('"data"');
const MARK_TEXT = JSON.stringify(MARK);
const SPACE = 32;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;
/** With more the last digits are lost already in a double; a float32 is right with far fewer. */
const MAXIMUM_DIGITS = 19;
/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);
const scratch = new Float32Array(65_536);

/**
 * Cuts the first list behind the name `data` out of a JSON text.
 * @returns undefined when there is none, or when it is nested, very long, or holds anything but plain numbers that a float32 can hold
 */
export function cutOutNumbers(bytes: Buffer): CutOut | undefined {
  const name = bytes.indexOf(DATA);
  if (name < 0) return undefined;
  let start = skipSpaces(bytes, name + DATA.length);
  if (bytes[start] !== COLON) return undefined;
  start = skipSpaces(bytes, start + 1);
  if (bytes[start] !== OPEN) return undefined;
  const end = scanNumbers(bytes, start + 1, scratch, 0);
  if (end < 0 || bytes[end] !== CLOSE) return undefined;
  return { start, end: end + 1, numbers: scratch.subarray(0, scanned) };
}

/** The text of a request with `MARK` in place of the list that was cut out. */
export function textAround(bytes: Buffer, { start, end }: CutOut): string {
  return bytes.toString('utf8', 0, start) + MARK_TEXT + bytes.toString('utf8', end);
}

/** How many numbers `scanNumbers` found last. */
export let scanned = 0;

/**
 * Reads numbers with commas between them.
 * @returns where the byte behind the last one and its spaces is; -1 for anything but plain numbers that a float32 can hold, and when there are
 * more than there is room for from `offset` on
 */
export function scanNumbers(bytes: Uint8Array, from: number, target: Float32Array, offset: number): number {
  let at = from;
  let count = 0;
  let infinite = 0;
  for (;;) {
    let byte = bytes[at] as number;
    while (byte === SPACE) byte = bytes[++at] as number;
    const negative = byte === MINUS;
    if (negative) byte = bytes[++at] as number;
    const first = at;
    let value = 0;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      byte = bytes[++at] as number;
    }
    const whole = at - first;
    let decimals = 0;
    if (byte === POINT) {
      byte = bytes[++at] as number;
      const point = at;
      while (byte >= ZERO && byte <= NINE) {
        value = value * 10 + (byte - ZERO);
        byte = bytes[++at] as number;
      }
      decimals = at - point;
      if (decimals === 0) return -1;
    }
    // JSON has no number without digits in front of the point, and none that begins with a superfluous zero.
    if (whole === 0 || (whole > 1 && bytes[first] === ZERO) || whole + decimals > MAXIMUM_DIGITS) return -1;
    if (decimals > 0) value /= POWERS[decimals] as number;
    if (offset + count === target.length) return -1;
    target[offset + count] = negative ? -value : value;
    infinite += (target[offset + count] as number) * 0;
    count += 1;
    while (byte === SPACE) byte = bytes[++at] as number;
    if (byte !== COMMA) break;
    at += 1;
  }
  if (infinite !== 0) return -1;
  scanned = count;
  return at;
}

function skipSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE) at += 1;
  return at;
}
