import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createIamService } from './service.ts';

const ROLE = 'arn:aws:iam::000000000000:role/web-execution';
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/slipway/staging/dsn-AbCdEf';
const TRUST = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' } }] });

let aws: TestCloud;
let client: IAMClient;
beforeAll(async () => {
  aws = await startTestCloud((cloud) => [createIamService(cloud)]);
  client = new IAMClient(aws.client);
  const put = (type: string, key: string, attributes: object) =>
    aws.cloud.store.collection(`terraform/${type}`).set(key, { id: key, attributes });
  put('aws_iam_role', 'role', { name: 'web-execution', arn: ROLE, assume_role_policy: TRUST });
  const Statement = [
    { Effect: 'Allow', Action: ['secretsmanager:Get*'], Resource: [SECRET.replace('AbCdEf', '??????')] },
    { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Resource: '*:secret:forbidden' },
  ];
  put('aws_iam_role_policy', 'policy', {
    name: 'access',
    role: 'web-execution',
    policy: JSON.stringify({ Statement }),
  });
});
afterAll(() => aws.remove());

test('a role says who may take it on', async () => {
  const { Role } = await client.send(new GetRoleCommand({ RoleName: 'web-execution' }));
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(TRUST);
  await expect(client.send(new GetRoleCommand({ RoleName: 'nobody' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
});

test('its policies are simulated: allowed, denied, and not mentioned', async () => {
  const forbidden = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:forbidden';
  const { EvaluationResults = [] } = await client.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: ROLE,
      ActionNames: ['secretsmanager:GetSecretValue'],
      ResourceArns: [SECRET, forbidden, `${SECRET}x`],
    }),
  );
  expect(EvaluationResults.map(({ EvalDecision }) => EvalDecision)).toEqual([
    'allowed',
    'explicitDeny',
    'implicitDeny',
  ]);
});
