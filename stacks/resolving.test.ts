import { App, DataAwsSsmParameter, Fn, TerraformStack } from './cdktf.ts';
import { resolveQuickly, resolveSlowly } from './resolving.ts';

const stack = new TerraformStack(new App({ outdir: '/nowhere', skipValidation: true }), 'one');
const parameter = new DataAwsSsmParameter(stack, 'parameter', { name: '/a' });
const text = parameter.insecureValue;
const number = parameter.version;
const list = Fn.split(',', text);

test.each<[string, unknown]>([
  ['a text', text],
  ['a text within a text', `before ${text} after "quoted" \n and \${not.ours}`],
  ['JSON that holds one', JSON.stringify({ deep: [{ value: text }] })],
  ['a number', number],
  ['a number within a text', `version ${number}`],
  ['a list', list],
  ['a list within an object', { values: list, other: [1, 2] }],
  ['one of a list', [Fn.element(list, 0), 'plain']],
  ['a call', Fn.join('-', [text, 'x'])],
  ['a map', Fn.tomap({ a: text })],
  ['a key', { [text]: 1 }],
  ['plain values', { a: 1, b: 0.05, c: -1, d: true, e: null, f: '1e5', g: '', h: [], i: {} }],
  ['a small number, which is none', { small: -1e300 + 1, other: -2_000_000 }],
  ['what is undefined', { a: undefined, b: [undefined, 1], c: { d: undefined } }],
  ['an expression that somebody wrote', `\${each.value} and 100%{x}`],
])('%s comes out as CDKTF makes it', (_what, value) => {
  expect(resolveQuickly(stack, value)).toEqual(resolveSlowly(stack, value));
});

test('what Terraform fills in is found at all', () => {
  expect(resolveQuickly(stack, { deep: [text] })).toEqual({
    deep: [`\${data.aws_ssm_parameter.parameter.insecure_value}`],
  });
  expect(resolveQuickly(stack, `v${number}`)).toBe(`v\${data.aws_ssm_parameter.parameter.version}`);
});

test('a function is no value, for both', () => {
  for (const resolve of [resolveQuickly, resolveSlowly]) expect(() => resolve(stack, { a: () => 1 })).toThrow();
});
