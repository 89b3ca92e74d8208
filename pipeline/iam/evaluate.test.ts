import { type AccessRequest, evaluate, grantedActions } from './evaluate.ts';
import type { PolicyStatement } from './policy.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:1:table/staging-jobs';
const get: AccessRequest = { action: 'dynamodb:GetItem', resource: TABLE };
const allow = (more: object = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: ['dynamodb:GetItem'],
  Resource: [TABLE],
  ...more,
});
const decide = (statements: readonly PolicyStatement[], request: AccessRequest, boundary?: PolicyStatement) =>
  evaluate(
    {
      policies: [{ Statement: statements }],
      ...(boundary ? { boundary: { Statement: boundary } } : {}),
    },
    request,
  );
const yes = { allowed: true };
const no = (because = 'no statement allows it') => ({ allowed: false, because });

test.each<[string, PolicyStatement, AccessRequest, object]>([
  ['the action on the resource', allow(), get, yes],
  ['another action', allow(), { ...get, action: 'dynamodb:PutItem' }, no()],
  ['another resource', allow(), { ...get, resource: `${TABLE}-2` }, no()],
  ['an action in another case', allow({ Action: 'DynamoDB:getitem' }), get, yes],
  ['a resource in another case', allow({ Resource: TABLE.toUpperCase() }), get, no()],
  ['a pattern of actions', allow({ Action: 'dynamodb:Get*' }), get, yes],
  ['a pattern that is too short', allow({ Action: 'dynamodb:Ge?' }), get, no()],
  ['a dot is no wildcard', allow({ Resource: TABLE.replace('-', '.') }), get, no()],
  ['all but an action', allow({ Action: undefined, NotAction: 'dynamodb:GetItem' }), get, no()],
  ['all but a resource', allow({ Resource: undefined, NotResource: 'arn:other' }), get, yes],
])('%s', (_what, statement, request, expected) => {
  expect(decide([statement], request)).toEqual(expected);
});

test.each<[string, object, object | undefined, boolean]>([
  ['equal', { StringEquals: { 'aws:ResourceTag/E': 'a' } }, { 'aws:resourcetag/e': 'a' }, true],
  ['one of', { StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true],
  ['unequal', { StringEquals: { k: 'a' } }, { k: 'b' }, false],
  ['absent', { StringEquals: { k: 'a' } }, undefined, false],
  ['absent, if exists', { StringEqualsIfExists: { k: 'a' } }, undefined, true],
  ['absent, not equals', { StringNotEquals: { k: 'a' } }, undefined, true],
  ['none of', { StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false],
  ['a pattern', { StringLike: { k: 'pr-*' } }, { k: 'pr-7' }, true],
  ['a pattern for all, one of which is not', { 'ForAllValues:StringLike': { k: 'pr-*' } }, { k: ['pr-7', 'x'] }, false],
  ['for all of none', { 'ForAllValues:StringLike': { k: 'pr-*' } }, undefined, true],
  [
    'for all of none, that has to be there',
    { 'ForAllValues:StringLike': { k: 'p*' }, Null: { k: 'false' } },
    undefined,
    false,
  ],
  ['for any', { 'ForAnyValue:StringEquals': { k: 'a' } }, { k: ['b', 'a'] }, true],
  ['ARN', { ArnEquals: { 'ecs:cluster': 'arn:c' } }, { 'ecs:cluster': 'arn:c' }, true],
  ['ARN that differs', { ArnNotLike: { k: 'arn:*' } }, { k: 'arn:c' }, false],
  ['bool', { Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }, true],
  ['number', { NumericLessThanEquals: { k: '3' } }, { k: '3' }, true],
  ['two, one of which fails', { StringEquals: { k: 'a', l: 'b' } }, { k: 'a', l: 'c' }, false],
  [
    'an operator that is not known',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    { 'aws:SourceIp': '10.1.1.1' },
    false,
  ],
])('condition: %s', (_what, Condition, context, allowed) => {
  const request = { ...get, ...(context ? { context: context as Record<string, string> } : {}) };
  expect(decide([allow({ Condition })], request).allowed).toBe(allowed);
});

test('a deny wins, in the boundary too; a deny that is not understood counts', () => {
  const deny = allow({ Effect: 'Deny' });
  expect(decide([allow(), deny], get)).toEqual(no('a statement denies it'));
  expect(decide([allow()], get, deny)).toEqual(no('a statement denies it'));
  const unclear = allow({ Effect: 'Deny', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } });
  expect(decide([allow(), unclear], get)).toEqual(no('a statement denies it'));
});

test('a boundary caps and gives nothing', () => {
  expect(decide([allow({ Action: '*' })], get, allow())).toEqual(yes);
  expect(decide([allow({ Action: '*' })], { ...get, action: 'dynamodb:PutItem' }, allow())).toEqual(no('the boundary'));
  expect(decide([], get, allow())).toEqual(no());
});

test('actions that are granted, each once', () => {
  const policies = [{ Statement: [allow(), allow({ Action: 'a:*' }), allow({ Effect: 'Deny', Action: 'b:c' })] }];
  expect(grantedActions({ policies })).toEqual(['dynamodb:GetItem', 'a:*']);
});
