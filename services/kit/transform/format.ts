/** The forms in which files of rows come. */
import type { ModelDescription } from '../model/description.ts';

/**
 * `jsonl`: a line per row, a list of numbers or an object. `csv`: a line per row, with or without names in the first one. `float32`: rows of
 * little-endian 32-bit numbers without anything between them.
 */
export const FORMATS = ['jsonl', 'csv', 'float32'] as const;
export type Format = (typeof FORMATS)[number];

export const LARGEST_INPUT_BYTES = 2 ** 30;

/** Content types by which a format may be named. */
const CONTENT_TYPES: Readonly<Record<string, Format>> = {
  'application/jsonl': 'jsonl',
  'application/jsonlines': 'jsonl',
  'application/x-ndjson': 'jsonl',
  'text/csv': 'csv',
  'application/octet-stream': 'float32',
};
const EXTENSIONS: Readonly<Record<string, Format>> = { jsonl: 'jsonl', ndjson: 'jsonl', csv: 'csv', f32: 'float32' };

export const isFormat = (text: unknown): text is Format => (FORMATS as readonly unknown[]).includes(text);

export const formatOfContentType = (type: string): Format | undefined =>
  CONTENT_TYPES[type.split(';')[0]?.trim().toLowerCase() ?? ''];

export const formatOfKey = (key: string): Format | undefined => EXTENSIONS[key.slice(key.lastIndexOf('.') + 1)];

/** Answers to lines are lines; answers to numbers are numbers. */
export const outputContentType = (format: Format): string =>
  format === 'float32' ? 'application/octet-stream' : 'application/jsonl';

/** Why a model cannot be asked in a format; undefined when it can. */
export function findFormatProblem({ name, inputs, outputs }: ModelDescription, format: Format): string | undefined {
  const varying = [...inputs, ...outputs].find(({ shape }) => shape.slice(1).some((size) => size < 0));
  if (varying)
    return `${name} takes rows of varying size ([${varying.shape}] of ${varying.name}); files need rows of one size`;
  const [input, ...others] = inputs;
  if (format === 'jsonl') return undefined;
  if (!input || others.length > 0) return `${name} has ${inputs.length} inputs; send its rows as jsonl`;
  if (format === 'csv')
    return input.shape.length > 2 ? `a row of ${name} is [${input.shape.slice(1)}]; send it as jsonl` : undefined;
  const other = [input, ...outputs].find(({ datatype }) => datatype !== 'FP32');
  return other ? `${other.name} of ${name} is ${other.datatype}; float32 takes and gives FP32 only` : undefined;
}

/** Numbers per row of a tensor. */
export const widthOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.slice(1).reduce((total, size) => total * size, 1);
