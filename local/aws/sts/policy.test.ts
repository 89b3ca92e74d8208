import { type Caller, decide } from './policy.ts';

const SUBJECT = 'token.actions.githubusercontent.com:sub';
const caller: Caller = {
  action: 'sts:AssumeRoleWithWebIdentity',
  principal: { type: 'Federated', names: ['arn:provider'] },
  context: { [SUBJECT]: 'repo:o/r:environment:staging' },
};
const policy = (Condition: object, more: object = {}) =>
  JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: 'arn:provider' },
        Condition,
        ...more,
      },
    ],
  });

describe('trust policies', () => {
  test.each([
    [{ StringEquals: { [SUBJECT]: ['x', 'repo:o/r:environment:staging'] } }, true],
    [{ StringEquals: { [SUBJECT]: 'repo:o/r:*' } }, false],
    [{ StringLike: { [SUBJECT]: 'repo:o/r:*' } }, true],
    [{ StringLike: { [SUBJECT]: 'repo:o/r' } }, false],
    [{ StringLike: { [SUBJECT.toUpperCase()]: 'repo:?/r:*' } }, true],
    [{ StringNotEquals: { [SUBJECT]: 'other' } }, true],
    [{ StringNotLike: { [SUBJECT]: 'repo:*' } }, false],
    [{ StringEquals: { 'token.actions.githubusercontent.com:ref': 'x' } }, false],
    [{ StringEqualsIfExists: { 'token.actions.githubusercontent.com:ref': 'x' } }, true],
    [{ 'ForAnyValue:StringEquals': { [SUBJECT]: 'repo:o/r:environment:staging' } }, true],
    [{ Null: { [SUBJECT]: 'false' } }, true],
    [{ NoSuchOperator: { [SUBJECT]: '*' } }, false],
  ])('condition %j is %s', (condition, allowed) => {
    expect(decide(policy(condition), caller).allowed).toBe(allowed);
  });

  test('the reason names the field, what was expected and what came', () => {
    expect(decide(policy({ StringEquals: { [SUBJECT]: 'repo:o/r:environment:production' } }), caller)).toEqual({
      allowed: false,
      reason: `StringEquals ${SUBJECT}: expected repo:o/r:environment:production, got repo:o/r:environment:staging`,
    });
    expect(decide(policy({}, { Principal: { Federated: 'arn:other' } }), caller)).toMatchObject({
      reason: 'Principal is not Federated arn:provider',
    });
    expect(decide(policy({}, { Action: 'sts:AssumeRole' }), caller)).toMatchObject({
      reason: 'Action is not sts:AssumeRoleWithWebIdentity',
    });
  });

  test('a denial wins, and a broken policy allows nothing', () => {
    const allow = JSON.parse(policy({})) as { Statement: object[] };
    const both = { Statement: [...allow.Statement, { ...allow.Statement[0], Effect: 'Deny' }] };
    expect(decide(JSON.stringify(both), caller)).toEqual({ allowed: false, reason: 'a statement denies it' });
    expect(decide('{', caller).allowed).toBe(false);
    expect(decide('{}', caller).allowed).toBe(false);
  });
});
