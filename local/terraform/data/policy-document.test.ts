import type { Context } from '../engine/definition.ts';
import type { Values } from '../schema/value.ts';
import { policyDocument } from './policy-document.ts';

const render = async (config: Values): Promise<Record<string, unknown>> => {
  const { minified_json } = await policyDocument(config, {} as Context);
  return JSON.parse(String(minified_json));
};

const statement = (given: Values): Values => ({ statement: [given] });

test('a single action is a text, several are sorted backwards, as the real provider writes them', async () => {
  const { json } = await policyDocument(
    statement({ sid: 'Read', actions: ['s3:GetObject', 's3:ListBucket'], resources: ['arn:aws:s3:::b'] }),
    {} as Context,
  );
  expect(json).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b"
    }
  ]
}`);
});

test('principals of one type are joined; everybody is a star', async () => {
  const services = [
    { type: 'Service', identifiers: ['a.amazonaws.com'] },
    { type: 'AWS', identifiers: ['1', '2'] },
  ];
  expect(await render(statement({ actions: ['*'], principals: services }))).toMatchObject({
    Statement: [{ Principal: { AWS: ['2', '1'], Service: 'a.amazonaws.com' } }],
  });
  const everybody = [{ type: '*', identifiers: ['*'] }];
  expect(await render(statement({ actions: ['*'], principals: everybody }))).toMatchObject({
    Statement: [{ Principal: '*' }],
  });
});

test('conditions keep the order of their values, and &{...} becomes a policy variable', async () => {
  const condition = [
    { test: 'StringLike', variable: 'a:b', values: ['x', 'a'] },
    { test: 'StringLike', variable: 'a:c', values: ['&{aws:username}'] },
  ];
  expect(await render(statement({ actions: ['*'], condition }))).toMatchObject({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an IAM policy variable
    Statement: [{ Condition: { StringLike: { 'a:b': ['x', 'a'], 'a:c': '${aws:username}' } } }],
  });
});

test('documents are merged: sources first, overrides replace statements of the same sid', async () => {
  const document = (Sid: string, Effect: string) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid, Effect }] });
  const merged = await render({
    source_policy_documents: [document('A', 'Allow')],
    override_policy_documents: [document('B', 'Deny')],
    ...statement({ sid: 'B', actions: ['*'] }),
  });
  expect(merged['Statement']).toEqual([
    { Sid: 'A', Effect: 'Allow' },
    { Sid: 'B', Effect: 'Deny' },
  ]);
});

test('two statements of one sid are refused, and so is a source that is no JSON', async () => {
  const two = { statement: [{ sid: 'A' }, { sid: 'A' }] };
  await expect(render(two)).rejects.toThrow('duplicate Sid (A)');
  await expect(render({ source_policy_documents: ['{'] })).rejects.toThrow('source_policy_documents: invalid JSON');
});

test('characters that Go escapes are escaped', async () => {
  const { minified_json } = await policyDocument(statement({ actions: ['a<b>&'] }), {} as Context);
  expect(minified_json).toContain('a\\u003cb\\u003e\\u0026');
});
