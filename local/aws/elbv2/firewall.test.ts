import { openStore } from '../../state/store.ts';
import type { ResourceRecord } from '../../terraform/engine/definition.ts';
import { createFirewall } from './firewall.ts';
import type { RequestFacts } from './routing.ts';

const header = (name: string, position: string, text: string, type = 'NONE') => ({
  byte_match_statement: [
    {
      field_to_match: [{ single_header: [{ name }] }],
      positional_constraint: position,
      search_string: text,
      text_transformation: [{ priority: 0, type }],
    },
  ],
});
const both = (kind: string, ...statement: readonly object[]) => ({ [`${kind}_statement`]: [{ statement }] });
const managed = { managed_rule_group_statement: [{ name: 'AWSManagedRulesCommonRuleSet', vendor_name: 'AWS' }] };
const facts = (headers: RequestFacts['headers']): RequestFacts => ({
  ...{ host: String(headers['host']), path: '/', query: '', method: 'GET', headers, clientAddress: '127.0.0.1' },
});

function firewall(rules: readonly { statement: object; action?: object; priority?: number }[]) {
  const store = openStore(':memory:');
  const record = (type: string, attributes: object) =>
    store.collection<ResourceRecord>(`terraform/${type}`).set('x', { id: 'x', attributes: { ...attributes } } as never);
  const rule = rules.map(({ statement, action = { block: [{}] }, priority = 0 }) => ({
    ...{ priority, statement: [statement], action: [action] },
  }));
  record('aws_wafv2_web_acl', { arn: 'acl', rule });
  record('aws_wafv2_web_acl_association', { resource_arn: 'balancer', web_acl_arn: 'acl' });
  return createFirewall(store);
}

test('who does not bring what is asked for is refused, as the rule says', () => {
  const custom = [{ response_code: 401, response_header: [{ name: 'www-authenticate', value: 'Basic' }] }];
  const statement = both(
    'and',
    both('or', header('host', 'CONTAINS', '.preview.', 'LOWERCASE'), header('x-preview', 'STARTS_WITH', 'pr-')),
    both('not', header('authorization', 'EXACTLY', 'Basic abc')),
  );
  const guard = firewall([{ statement, action: { block: [{ custom_response: custom }] } }]);
  const refused = { status: 401, headers: { 'www-authenticate': 'Basic' } };
  expect(guard('balancer', facts({ host: 'PR-7.Preview.demo' }))).toEqual(refused);
  expect(guard('balancer', facts({ host: 'pr-7.preview.demo', authorization: 'Basic abcd' }))).toEqual(refused);
  expect(guard('balancer', facts({ host: 'staging.demo', 'x-preview': 'pr-7' }))).toEqual(refused);
  expect(guard('balancer', facts({ host: 'pr-7.preview.demo', authorization: 'Basic abc' }))).toBeUndefined();
  expect(guard('balancer', facts({ host: 'staging.demo' }))).toBeUndefined();
  expect(guard('another balancer', facts({ host: 'pr-7.preview.demo' }))).toBeUndefined();
});

test('escapes are undone, and broken ones do no harm', () => {
  const guard = firewall([{ statement: header('x-name', 'CONTAINS', 'a b', 'URL_DECODE') }]);
  expect(guard('balancer', facts({ host: 'x', 'x-name': '%zz a%20b %' }))).toEqual({ status: 403, headers: {} });
  expect(guard('balancer', facts({ host: 'x', 'x-name': '%zz' }))).toBeUndefined();
});

test('the first rule by its number answers; without an answer of its own it is 403', () => {
  const custom = { block: [{ custom_response: [{ response_code: 418, response_header: [] }] }] };
  const statement = header('host', 'ENDS_WITH', 'demo');
  const guard = firewall([
    { statement, action: custom, priority: 2 },
    { statement, priority: 1 },
  ]);
  expect(guard('balancer', facts({ host: 'a.demo' }))).toEqual({ status: 403, headers: {} });
});

test('what needs more than the request lets everything through, and so does what only counts', () => {
  const guard = firewall([
    { statement: managed },
    { statement: both('and', managed, header('host', 'CONTAINS', 'demo')) },
    { statement: header('host', 'CONTAINS', 'demo'), action: { count: [{}] } },
  ]);
  expect(guard('balancer', facts({ host: 'a.demo' }))).toBeUndefined();
});
