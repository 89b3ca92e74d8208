/** Tar archives: a writer whose output is the same everywhere, a reader that trusts nothing. */
export { TarError } from './tar-header.ts';
export { readTar, type TarEntry, type TarEntryType } from './tar-read.ts';
export { writeTar } from './tar-write.ts';
