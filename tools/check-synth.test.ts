import { checkStack, type ProviderSchema } from './check-synth.ts';

const schema: ProviderSchema = {
  resource_schemas: {
    aws_thing: {
      block: {
        attributes: { name: { required: true }, size: { optional: true }, arn: {} },
        block_types: { rule: { min_items: 1, block: { attributes: { port: { required: true } } } } },
      },
    },
  },
  data_source_schemas: {},
  missing: ['aws_other'],
};
const check = (thing: object, type = 'aws_thing') => checkStack({ resource: { [type]: { one: thing } } }, schema);

test('accepts what the schema allows, with meta-arguments and blocks as object or list', () => {
  const thing = { name: 'n', size: null, lifecycle: {}, '//': {} };
  expect(check({ ...thing, rule: { port: 1 } })).toEqual({ problems: [], unchecked: [], checked: 1 });
  expect(check({ ...thing, rule: [{ port: 1 }, { port: 2 }] }).problems).toEqual([]);
});

test.each([
  [{ name: 'n', rule: { port: 1 }, colour: 1 }, 'aws_thing.one.colour: unknown argument'],
  [{ name: 'n', rule: [{ port: 1 }, { fromPort: 1 }] }, 'aws_thing.one.rule.1.fromPort: unknown argument'],
  [{ name: 'n', rule: { port: 1 }, arn: 'a' }, 'aws_thing.one.arn: is computed and cannot be set'],
  [{ rule: { port: 1 } }, 'aws_thing.one: name is required'],
  [{ name: 'n' }, 'aws_thing.one: rule is required'],
])('finds what is wrong with %j', (thing, problem) => {
  expect(check(thing).problems).toContain(problem);
});

test('names types that it cannot check', () => {
  expect(check({}, 'aws_unknown').problems).toEqual(['aws_unknown.one: the provider has no such type']);
  expect(check({}, 'aws_other')).toEqual({ problems: [], unchecked: ['aws_other'], checked: 0 });
});
