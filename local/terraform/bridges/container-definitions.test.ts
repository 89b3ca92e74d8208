import { sameContainers } from './container-definitions.ts';

const container = {
  name: 'web',
  image: 'a',
  portMappings: [{ containerPort: 80 }],
  environment: [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ],
};
const same = (left: unknown, right: unknown): boolean => sameContainers(JSON.stringify(left), JSON.stringify(right));

test.each([
  [
    'what ECS fills in',
    { ...container, cpu: 0, essential: true, portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }] },
  ],
  ['the order of variables', { ...container, environment: [...container.environment].reverse() }],
  ['empty lists and absent members', { ...container, secrets: [], linuxParameters: null, systemControls: [] }],
  [
    'capitals of member names',
    { Name: 'web', Image: 'a', PortMappings: container.portMappings, Environment: container.environment },
  ],
])('%s: no difference', (_what, other) => {
  expect(same([container], [other])).toBe(true);
});

test.each([
  ['another image', { ...container, image: 'b' }],
  ['another port', { ...container, portMappings: [{ containerPort: 81 }] }],
  ['another host port', { ...container, portMappings: [{ containerPort: 80, hostPort: 8080 }] }],
  ['a container that is not essential', { ...container, essential: false }],
])('%s: a difference', (_what, other) => {
  expect(same([container], [other])).toBe(false);
});

test('the order of containers does not count, text that is no JSON equals nothing', () => {
  expect(same([container, { name: 'log' }], [{ name: 'log' }, container])).toBe(true);
  expect(sameContainers('[', '[')).toBe(false);
});
