/**
 * One header block of a tar archive as POSIX.1-2024 `pax` describes it (ustar plus extended records), and what GNU tar and Docker
 * add to it when reading (base-256 numbers, `L` and `K` records).
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export const BLOCK = 512;

/** Type flags that this project writes or understands. */
export const FLAG = {
  file: '0',
  hardLink: '1',
  symbolicLink: '2',
  characterDevice: '3',
  blockDevice: '4',
  directory: '5',
  pipe: '6',
  contiguous: '7',
  extended: 'x',
  global: 'g',
  gnuName: 'L',
  gnuLink: 'K',
} as const;

const MAGIC = 'ustar\u000000';
const NAME_BYTES = 100;
const LARGEST_OCTAL_SIZE = 0o77777777777;

export interface Header {
  readonly name: string;
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  readonly flag: string;
  readonly link: string;
}

/** The header block, preceded by an extended record when name, link or size do not fit into it. */
export function encodeHeader(header: Header): Buffer {
  const records: Record<string, string> = {};
  if (!fits(header.name)) records['path'] = header.name;
  if (!fits(header.link)) records['linkpath'] = header.link;
  if (header.size > LARGEST_OCTAL_SIZE) records['size'] = String(header.size);
  const block = encodeBlock({ ...header, size: records['size'] ? 0 : header.size });
  return Object.keys(records).length === 0 ? block : Buffer.concat([encodeExtended(records), block]);
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;
const fits = (text: string): boolean => isAscii(text) && text.length <= NAME_BYTES;
const shorten = (text: string): string => (fits(text) ? text : text.replace(/[^ -~]/g, '_').slice(0, NAME_BYTES));

function encodeBlock(header: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), offset, 'ascii');
  };
  block.write(shorten(header.name), 0, 'ascii');
  octal(header.mode, 100, 8);
  octal(header.owner, 108, 8);
  octal(header.group, 116, 8);
  octal(header.size, 124, 12);
  octal(header.modified, 136, 12);
  block.write(header.flag, 156, 'ascii');
  block.write(shorten(header.link), 157, 'ascii');
  block.write(MAGIC, 257, 'ascii');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\u0000 `, 148, 'ascii');
  return block;
}

/** Sum of all bytes with the checksum field counted as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += block[index] ?? 0;
  return sum;
}

function encodeExtended(records: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(Object.entries(records).map(encodeRecord).join(''));
  const header = encodeBlock({
    name: 'PaxHeader',
    mode: 0o644,
    owner: 0,
    group: 0,
    size: body.length,
    modified: 0,
    flag: FLAG.extended,
    link: '',
  });
  return Buffer.concat([header, body, padding(body.length)]);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function encodeRecord([key, value]: [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

/** Zeros that fill the last block of `size` bytes. */
export const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** Throws `TarError` when the block is damaged. */
export function decodeHeader(block: Buffer): Header {
  if (number(block, 148, 8) !== checksum(block)) throw new TarError('a header has a wrong checksum');
  const prefix = block.toString('latin1', 257, 263) === 'ustar\u0000' ? text(block, 345, 155) : '';
  const name = text(block, 0, NAME_BYTES);
  const flag = block[156] ?? 0;
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8) & 0o7777,
    owner: number(block, 108, 8),
    group: number(block, 116, 8),
    size: number(block, 124, 12),
    modified: number(block, 136, 12),
    flag: flag === 0 ? FLAG.file : String.fromCharCode(flag),
    link: text(block, 157, NAME_BYTES),
  };
}

/** Extended records by key. Throws `TarError` when their lengths do not add up. */
export function decodeExtended(body: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let offset = 0; offset < body.length; ) {
    const space = body.indexOf(32, offset);
    const length = Number(body.toString('ascii', offset, space));
    const record = body.toString('utf8', space + 1, offset + length - 1);
    const equals = record.indexOf('=');
    const whole = Number.isInteger(length) && offset + length <= body.length && offset + length > space;
    if (space < 0 || !whole || equals < 1) throw new TarError('an extended header is malformed');
    records[record.slice(0, equals)] = record.slice(equals + 1);
    offset += length;
  }
  return records;
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** Octal digits, or GNU's base-256 when the first bit is set. */
function number(block: Buffer, offset: number, length: number): number {
  const first = block[offset] ?? 0;
  if (first & 0x80) {
    let value = first & 0x7f;
    for (let index = 1; index < length; index++) value = value * 256 + (block[offset + index] ?? 0);
    return checked(value);
  }
  const digits = text(block, offset, length).trim();
  return digits === '' ? 0 : checked(/^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN);
}

function checked(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new TarError('a header holds a number that is none');
}

/** The archive is damaged, truncated or hostile. */
export class TarError extends Error {
  override readonly name = 'TarError';
}
