import { Ajv } from 'ajv';
import schema from './service.schema.json' with { type: 'json' };

// Every command starts with this: that the schema itself is one is a test's business, and code that runs a few times need not be optimized.
const START_FAST = { meta: false, validateSchema: false, code: { optimize: false } } as const;

/** How the schema is compiled: every error, each with the value and the part of the schema that it breaks. tools/bundle-plugins.ts does so in advance, too. */
export const HOW = { allErrors: true, verbose: true, strict: false } as const;

/** Whether a value has the shape of service.schema.json; why not is in its `errors`. */
export const validate = new Ajv({ ...START_FAST, ...HOW }).compile(schema);
