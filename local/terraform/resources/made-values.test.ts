import { openStore } from '../../state/store.ts';
import { createContext } from '../engine/context.ts';
import type { Backend, Context } from '../engine/definition.ts';
import { UNKNOWN, type Values } from '../schema/value.ts';
import { resources } from './index.ts';

const store = openStore(':memory:');
afterAll(() => store.close());

function context(): Context {
  const endpoints = { aws: '', registry: '', github: '', sentry: '', web: '', terraform: '' };
  const invoke = (): Promise<never> => Promise.reject(new Error('not called'));
  const log = (): undefined => undefined;
  const cloud = { home: '', accountId: '0', region: 'us-east-1', store, endpoints, now: Date.now, log, invoke };
  return createContext(cloud, { config: {}, stop: new AbortController() }, {});
}

function backend(type: string): Backend {
  const found = resources[type]?.backend;
  if (!found) throw new Error(`${type} is unknown`);
  return found;
}
const create = (type: string, planned: Values): Promise<Values> => backend(type).create(planned, context(), planned);
const mapping = 'aws_api_gateway_base_path_mapping';

test('one domain has several base paths, and a path that was given up is free', async () => {
  const first = await create(mapping, { domain_name: 'd', base_path: 'v1' });
  expect(await create(mapping, { domain_name: 'd', base_path: null })).toMatchObject({ id: 'd/' });
  expect(await create(mapping, { domain_name: 'd', base_path: 'v1', domain_name_id: 'x' })).toMatchObject({
    id: 'd/v1/x',
  });
  await expect(create(mapping, { domain_name: 'd', base_path: 'v1' })).rejects.toThrow('d/v1 already');

  const planned = { ...first, id: null, base_path: 'v2' };
  expect(await backend(mapping).update(first, planned, context(), {})).toMatchObject({ id: 'd/v2' });
  expect(await create(mapping, { domain_name: 'd', base_path: 'v1' })).toMatchObject({ id: 'd/v1' });
});

test('the path of a resource begins with its parent', async () => {
  const users = await create('aws_api_gateway_resource', { parent_id: 'root', path_part: 'users' });
  expect(await create('aws_api_gateway_resource', { parent_id: users['id'] ?? null, path_part: '{id}' })).toMatchObject(
    {
      path: '/users/{id}',
    },
  );
});

test.each([
  [true, /^\w{40,}$/],
  [null, /^$/],
])('a client of a user pool has a secret if it asks for one (%s)', async (generate_secret, secret) => {
  const made = await create('aws_cognito_user_pool_client', { generate_secret });
  expect(made['client_secret']).toMatch(secret);
});

test.each<[Values, string[]]>([
  [{}, ['authorizer_uri must be set non-empty when authorizer type is TOKEN']],
  [{ type: 'COGNITO_USER_POOLS', provider_arns: [] }, [expect.stringContaining('provider_arns must be set')]],
  [{ type: 'COGNITO_USER_POOLS', provider_arns: ['arn:a'] }, []],
  [{ type: 'REQUEST', authorizer_uri: UNKNOWN }, []],
  [{ type: UNKNOWN }, []],
])('an authorizer names what authorizes: %j', (config, problems) => {
  const found = resources['aws_api_gateway_authorizer']?.validate?.(config) ?? [];
  expect(found.map(({ summary }) => summary)).toEqual(problems);
});

test('a VPC has an IPv6 network if Amazon is to give it one', async () => {
  expect(await create('aws_vpc', { assign_generated_ipv6_cidr_block: true })).toMatchObject({
    ipv6_cidr_block: expect.stringMatching(/^2001:db8:[\da-f]{1,4}:[\da-f]{1,2}00::\/56$/),
    ipv6_association_id: expect.stringMatching(/^vpc-cidr-assoc-/),
    ipv6_cidr_block_network_border_group: 'us-east-1',
  });
  expect(await create('aws_vpc', {})).toMatchObject({ ipv6_cidr_block: null, ipv6_association_id: null });
});
