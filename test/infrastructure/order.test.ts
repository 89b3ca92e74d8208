import { dependencies } from '../../pipeline/provision/order.ts';
import { synthesize } from '../../stacks/testing/program.ts';

const stacks = synthesize();
const parametersIn = (text: string, kind: 'data' | 'resource'): string[] => {
  const named: Record<string, { name: string }> = JSON.parse(text)[kind]?.aws_ssm_parameter ?? {};
  return Object.values(named).map(({ name }) => name);
};
const publisher = new Map(
  [...stacks].flatMap(([id, { text }]) => parametersIn(text, 'resource').map((name) => [name, id] as const)),
);

test.each([...stacks.keys()])('%s waits for exactly the stacks whose parameters it reads', (id) => {
  const text = stacks.get(id)?.text ?? '{}';
  const read = new Set(parametersIn(text, 'data').map((name) => publisher.get(name) ?? `nobody publishes ${name}`));
  expect([...read].sort()).toEqual([...dependencies(id)].sort());
});
