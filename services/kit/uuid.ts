/** Ids that sort by time: UUID version 7, RFC 9562 section 5.7. */
import { randomFillSync } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Random bytes are fetched for many ids at once; one call to the system per id would cost more than all the rest. */
const POOL_BYTES = 8192;
const RANDOM_BYTES = 10;

const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;
let prefix = '';
let prefixTime = -1;

/** @param now milliseconds since 1970 */
export function uuidv7(now = Date.now()): string {
  if (used + RANDOM_BYTES > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  if (now !== prefixTime) {
    const time = now.toString(16).padStart(12, '0');
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-`;
    prefixTime = now;
  }
  const at = used;
  used += RANDOM_BYTES;
  const hex = (index: number): string => HEX[pool[at + index] as number] as string;
  const version = HEX[((pool[at] as number) & 0x0f) | 0x70] as string;
  const variant = HEX[((pool[at + 2] as number) & 0x3f) | 0x80] as string;
  return `${prefix}${version}${hex(1)}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
}
