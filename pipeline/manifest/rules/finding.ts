import type { ManifestError } from '../result.ts';
import type { Manifest } from '../types.ts';

/** What is wrong with one field, and the way out. */
export type Finding = Omit<ManifestError, 'file'>;

/** One rule between the fields of a manifest whose shape is right. */
export type Rule = (manifest: Manifest) => readonly Finding[];
