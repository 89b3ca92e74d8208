/** One thing that is wrong with a manifest or the project settings, with everything a person needs to put it right. */
export interface ManifestError {
  /** Path of the file as the reader knows it, such as `services/web/service.json`. */
  readonly file: string;
  /** Dotted path of the field, such as `owns.tables.0.name`; empty for the file as a whole. */
  readonly field: string;
  /** What stands there; undefined when nothing does. */
  readonly value: unknown;
  readonly problem: string;
  /** The way out. */
  readonly fix: string;
}

export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly ManifestError[] };

const SHOWN_CHARACTERS = 80;

/** One line that names file, field, value and the way out. */
export function describeError({ file, field, value, problem, fix }: ManifestError): string {
  const place = field === '' ? file : `${file}: ${field}`;
  return `${place}${showValue(value)}: ${problem}. ${fix}.`;
}

/** All errors, one a line. */
export function describeErrors(errors: readonly ManifestError[]): string {
  return errors.map(describeError).join('\n');
}

function showValue(value: unknown): string {
  if (value === undefined) return '';
  const text = JSON.stringify(value) ?? String(value);
  return ` = ${text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text}`;
}

/** The value, or one error that lists everything that is wrong: for programs that cannot go on without it. */
export function valueOrThrow<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw new Error(describeErrors(result.errors));
}
