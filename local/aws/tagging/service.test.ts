import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createElbv2Service } from '../elbv2/service.ts';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSsmService } from '../ssm/service.ts';
import { createTaggingService } from './service.ts';

let aws: TestCloud;
let tagging: ResourceGroupsTaggingAPIClient;
beforeAll(async () => {
  aws = await startTestCloud((cloud) => [
    createSsmService(cloud),
    createElbv2Service(cloud),
    createTaggingService(cloud),
  ]);
  tagging = new ResourceGroupsTaggingAPIClient(aws.client);
  const ssm = new SSMClient(aws.client);
  const tag = (Value: string) => [{ Key: 'Environment', Value }];
  for (const name of ['/app/pr-1/a', '/app/pr-2/a', '/app/pr-1/b'])
    await ssm.send(
      new PutParameterCommand({ Name: name, Value: 'x', Type: 'String', Tags: tag(name.split('/')[2] ?? '') }),
    );
  await ssm.send(new PutParameterCommand({ Name: '/app/untagged', Value: 'x', Type: 'String' }));
  await new ElasticLoadBalancingV2Client(aws.client).send(
    new CreateTargetGroupCommand({ Name: 'pr-1-web', TargetType: 'lambda', Tags: tag('pr-1') }),
  );
});
afterAll(() => aws.remove());

const find = async (TagFilters: { Key: string; Values?: string[] }[], more: object = {}) =>
  tagging.send(new GetResourcesCommand({ TagFilters, ...more }));

test('finds what has a tag, whichever service it belongs to', async () => {
  const { ResourceTagMappingList = [] } = await find([{ Key: 'Environment', Values: ['pr-1'] }]);
  expect(ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN)).toEqual([
    expect.stringMatching(/^arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup\/pr-1-web\//),
    'arn:aws:ssm:us-east-1:000000000000:parameter/app/pr-1/a',
    'arn:aws:ssm:us-east-1:000000000000:parameter/app/pr-1/b',
  ]);
  expect(ResourceTagMappingList[1]?.Tags).toEqual([{ Key: 'Environment', Value: 'pr-1' }]);
});

test('answers in pages', async () => {
  const seen: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await find([{ Key: 'Environment' }], {
      ResourcesPerPage: 1,
      ...(token && { PaginationToken: token }),
    });
    seen.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN));
    token = page.PaginationToken;
  } while (token);
  expect(new Set(seen).size).toBe(4);
});
