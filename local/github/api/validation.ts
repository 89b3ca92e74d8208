import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Description, Operation } from './description.ts';
import { Refusal } from './refusal.ts';

/** Checks both directions: what a client sends and what this server answers. */
export interface Validation {
  /** Path and query parameters with their types and defaults. @throws Refusal (422) */
  parameters(
    operation: Operation,
    given: Readonly<Record<'path' | 'query', Readonly<Record<string, string>>>>,
  ): Readonly<Record<string, unknown>>;
  /** @throws Refusal (422) */
  body(operation: Operation, body: unknown): Readonly<Record<string, unknown>>;
  /** What is wrong with an answer; nothing when it has GitHub's shape. */
  responseFault(operation: Operation, status: number, body: unknown): string | undefined;
}

const ROOT = 'github';

export function createValidation({ components }: Description): Validation {
  const exact = openAjv(components, false);
  const coercing = openAjv(components, true);
  const compiled = new Map<object, ValidateFunction>();
  const validator = (ajv: Ajv, schema: object): ValidateFunction => {
    const known = compiled.get(schema) ?? ajv.compile(absolute(schema));
    compiled.set(schema, known);
    return known;
  };
  return {
    parameters(operation, given) {
      refuseUnknownQuery(operation, given.query);
      const values: Record<string, unknown> = {};
      for (const { name, in: place, schema, required } of operation.parameters) {
        if (place === 'header') continue;
        const text = given[place][name];
        if (text === undefined && required) throw new Refusal(422, `Missing ${place} parameter ${name}`);
        const box = { value: text ?? schema.default };
        if (box.value === undefined) continue;
        const validate = validator(coercing, boxed(schema));
        if (!validate(box)) throw new Refusal(422, `Invalid ${place} parameter ${name}: ${explain(validate.errors)}`);
        values[name] = box.value;
      }
      return values;
    },
    body({ operationId, requestBody }, body) {
      const schema = requestBody?.content?.['application/json']?.schema;
      if (!schema || (body === undefined && !requestBody?.required)) return {};
      const validate = validator(exact, schema);
      if (!validate(body ?? {})) throw new Refusal(422, `Invalid request.\n\n${explain(validate.errors)}`);
      const known = 'properties' in schema ? Object.keys(schema.properties as object) : [];
      const unknown = Object.keys(body ?? {}).filter((name) => known.length > 0 && !known.includes(name));
      if (unknown.length > 0) throw new Refusal(422, `${operationId} has no property ${unknown.join(', ')}`);
      return (body ?? {}) as Readonly<Record<string, unknown>>;
    },
    responseFault({ responses }, status, body) {
      const response = responses[String(status)];
      if (!response) return `status ${status} is not documented`;
      const schema = response.content?.['application/json']?.schema;
      if (!schema) return undefined;
      const validate = validator(exact, schema);
      return validate(body) ? undefined : explain(validate.errors);
    },
  };

  /** One schema object per parameter, so that it is compiled once. */
  function boxed(schema: object): object {
    const known = boxes.get(schema) ?? { type: 'object', properties: { value: schema } };
    boxes.set(schema, known);
    return known;
  }
}

const boxes = new WeakMap<object, object>();

function openAjv(components: object, coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, coerceTypes });
  addFormats.default(ajv);
  for (const format of ['repo.nwo', 'timestamp', 'int64']) ajv.addFormat(format, true);
  // GitHub itself answers empty strings where its description says `uri`.
  ajv.addFormat('uri', (text: string) => text === '' || URL.canParse(text) || text.includes('{'));
  ajv.addSchema({ $id: ROOT, ...(absolute({ components }) as object) });
  return ajv;
}

/** Compiling lazily means schema by schema: references must name the document that they are in. */
function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', `"${ROOT}#/components`)) as object;
}

function refuseUnknownQuery({ operationId, parameters }: Operation, query: Readonly<Record<string, string>>): void {
  const known = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name));
  const unknown = Object.keys(query).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Refusal(422, `${operationId} has no query parameter ${unknown.join(', ')}`);
}

function explain(errors: readonly ErrorObject[] | null | undefined): string {
  const faults = (errors ?? []).slice(0, 5);
  return faults.map(({ instancePath, message }) => `${instancePath || 'the value'} ${message}`).join('; ');
}
