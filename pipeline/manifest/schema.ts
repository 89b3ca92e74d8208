import type { ErrorObject } from 'ajv';
import type { ManifestError } from './result.ts';
import { validate } from './validate.ts';

/** Checks the shape of one manifest against service.schema.json, which is also what editors are given. */
export function schemaErrors(value: unknown, file: string): ManifestError[] {
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'propertyNames');
  return errors.map((error) => explain(error, file));
}

function explain(error: ErrorObject, file: string): ManifestError {
  const path = fieldPath(error.instancePath);
  if (error.propertyName !== undefined) return explainName(error, file, path);
  switch (error.keyword) {
    case 'required': {
      const field = join(path, String(error.params['missingProperty']));
      return { file, field, value: undefined, problem: 'is missing', fix: `Add it: ${describe(child(error, field))}` };
    }
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      const value = (error.data as Record<string, unknown>)[name];
      return { file, field: join(path, name), value, problem: 'is not a known field', fix: suggestion(error, name) };
    }
    default:
      return { file, field: path, value: error.data, problem: wording(error), fix: expected(error) };
  }
}

function explainName(error: ErrorObject, file: string, path: string): ManifestError {
  const field = join(path, String(error.propertyName));
  return { file, field, value: undefined, problem: 'has a name that is not allowed', fix: expected(error) };
}

function wording(error: ErrorObject): string {
  const allowed = error.params['allowedValues'];
  if (Array.isArray(allowed)) return `must be one of ${allowed.join(', ')}`;
  if (error.keyword === 'pattern') return 'does not have the right form';
  return error.message ?? 'is not valid';
}

function expected(error: ErrorObject): string {
  const description = describe(error.parentSchema);
  return description === undefined ? 'Correct the value' : `Write ${description}`;
}

function describe(node: unknown): string | undefined {
  return isRecord(node) && typeof node['description'] === 'string' ? node['description'] : undefined;
}

function child(error: ErrorObject, field: string): unknown {
  const properties = error.parentSchema?.['properties'];
  const name = field.slice(field.lastIndexOf('.') + 1);
  const node = isRecord(properties) ? properties[name] : undefined;
  return describe(node) === undefined ? { description: `${name} is required` } : node;
}

function suggestion(error: ErrorObject, name: string): string {
  const properties = error.parentSchema?.['properties'];
  const known = isRecord(properties) ? Object.keys(properties).filter((key) => key !== '$schema') : [];
  const near = known.find((key) => key.toLowerCase() === name.toLowerCase() || sameStart(key, name));
  if (near !== undefined) return `Did you mean "${near}"? Rename or remove it`;
  return `Remove it; known fields are ${known.join(', ')}`;
}

const sameStart = (left: string, right: string): boolean =>
  left.length > 3 && right.length > 3 && left.slice(0, 4).toLowerCase() === right.slice(0, 4).toLowerCase();

const fieldPath = (pointer: string): string =>
  pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
