import { loadProviderSchema } from '../local/terraform/schema/load.ts';
import { generate, readFacts } from './provider-schema.ts';

test('the committed schema is what the bindings and the facts make', () => {
  const generated: unknown = JSON.parse(JSON.stringify(generate(readFacts())));
  expect(loadProviderSchema()).toEqual(generated);
});

test('facts are about types that are supported, and about nothing that the bindings say themselves', () => {
  const { resources, dataSources } = loadProviderSchema();
  const known = [...Object.keys(resources), ...Object.keys(dataSources).map((type) => `data.${type}`)];
  expect(Object.keys(readFacts()).filter((type) => !known.includes(type))).toEqual([]);
});
