import { closeSync, openSync, readSync } from 'node:fs';
import { platformNames } from './platform.ts';
import type { PlatformName } from './types.ts';

/** Processors by their number in an ELF header (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html). */
const PROCESSORS: ReadonlyMap<number, string> = new Map([
  [3, 'ia32'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
  [258, 'loong64'],
]);
const ELF = 0x7f454c46;
/** How programs and libraries of macOS begin, in both byte orders. */
const MACOS: readonly number[] = [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe];
/** For several processors; it is how Java classes begin, too. */
const MACOS_UNIVERSAL = 0xcafebabe;
const WINDOWS = 0x4d5a;
/** Where few bytes would say too little. */
const LIBRARY = /\.(?:node|dylib|dll|exe)$/i;
const HEAD_BYTES = 20;
const LITTLE_ENDIAN = 1;

/** Whether a file is code for the processor and system of `platform`. Undefined when it is no native code at all. */
export function runsOn(file: string, platform: PlatformName): boolean | undefined {
  const head = headOf(file);
  if (head.length < HEAD_BYTES) return undefined;
  const magic = head.readUInt32BE(0);
  if (MACOS.includes(magic)) return false;
  if (LIBRARY.test(file) && (magic === MACOS_UNIVERSAL || magic >>> 16 === WINDOWS)) return false;
  if (magic !== ELF) return undefined;
  const machine = head[5] === LITTLE_ENDIAN ? head.readUInt16LE(18) : head.readUInt16BE(18);
  const processor = PROCESSORS.get(machine);
  // What is for no processor (eBPF, a graphics card) is data.
  return processor === undefined ? undefined : processor === platformNames(platform).cpu;
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}
