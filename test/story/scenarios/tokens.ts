import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { LIVE_ALIAS, serviceName, tableName } from '../../../pipeline/manifest/names.ts';
import { awsOptions } from '../../support/aws.ts';
import type { TestHome } from '../../support/home.ts';

/** What the user pool asks before it issues tokens, answered by the function that production serves. */
export function tokens(home: TestHome): void {
  test('tokens carry the organisation that the table of memberships names', async () => {
    const lambda = new LambdaClient(awsOptions(home));
    const tenantOf = async (user: string): Promise<unknown> => {
      const event = {
        version: '2',
        triggerSource: 'TokenGeneration_HostedAuth',
        request: { userAttributes: { sub: user } },
      };
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({
          FunctionName: serviceName('production', 'identity'),
          Qualifier: LIVE_ALIAS,
          Payload: JSON.stringify(event),
        }),
      );
      const answer = JSON.parse(Buffer.from(Payload ?? []).toString());
      expect({ FunctionError, answer }).toEqual({ FunctionError: undefined, answer: expect.objectContaining(event) });
      const { idTokenGeneration, accessTokenGeneration } = answer.response.claimsAndScopeOverrideDetails;
      expect(accessTokenGeneration).toEqual(idTokenGeneration);
      return idTokenGeneration.claimsToAddOrOverride.tenant_id;
    };
    await new DynamoDBClient(awsOptions(home)).send(
      new PutItemCommand({
        TableName: tableName('production', 'memberships'),
        Item: { user: { S: 'ada' }, organisation: { S: 'acme' } },
      }),
    );
    expect(await tenantOf('ada')).toBe('acme');
    expect(await tenantOf('mallory')).toBe('_');
  }, 60_000);
}
