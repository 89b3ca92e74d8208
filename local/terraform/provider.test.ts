import { startTestCloud, type TestCloud } from '../aws/kit/test-cloud.ts';
import { createLogsService } from '../aws/logs/service.ts';
import { createSecretsManagerService } from '../aws/secretsmanager/service.ts';
import { createSsmService } from '../aws/ssm/service.ts';
import { createStsService } from '../aws/sts/service.ts';
import type { RunningProvider } from './server.ts';
import { startTestProvider } from './testing/provider.ts';
import { createWorkspace, type Workspace } from './testing/workspace.ts';

let test_: TestCloud;
let provider: RunningProvider;
let workspace: Workspace;

beforeAll(async () => {
  test_ = await startTestCloud((cloud) => [
    createStsService(cloud),
    createSsmService(cloud),
    createSecretsManagerService(cloud),
    createLogsService(cloud),
  ]);
  provider = await startTestProvider(test_.cloud);
});
afterAll(async () => {
  await provider.close();
  await test_.remove();
});
beforeEach(() => {
  workspace = createWorkspace(() => provider.reattach);
});
afterEach(() => workspace.remove());

const network = (vpcName = 'main') => ({
  resource: {
    aws_vpc: { main: { cidr_block: '10.0.0.0/16', tags: { Name: vpcName } } },
    aws_subnet: { a: { vpc_id: '${aws_vpc.main.id}', cidr_block: '10.0.1.0/24' } },
    aws_security_group: {
      web: {
        name: 'web',
        vpc_id: '${aws_vpc.main.id}',
        ingress: [
          {
            from_port: 80,
            to_port: 80,
            protocol: 'tcp',
            cidr_blocks: ['0.0.0.0/0'],
            description: null,
            ipv6_cidr_blocks: null,
            prefix_list_ids: null,
            security_groups: null,
            self: null,
          },
        ],
      },
    },
  },
});

test('x', async () => {
  console.log(await workspace.apply(network()));
  console.log((await workspace.plan()).output);
  console.log(await workspace.apply(network('z')));
  console.log((await workspace.run('destroy', '-auto-approve')).output);
});
