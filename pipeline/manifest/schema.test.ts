import { Ajv } from 'ajv';
import schema from './service.schema.json' with { type: 'json' };

test('the schema is one, and says nothing that its draft does not know', () => {
  const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false });
  expect(ajv.validateSchema(schema)).toBe(true);
  expect(() => ajv.compile(schema)).not.toThrow();
});
