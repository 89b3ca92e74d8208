import type { TestCloud } from '../aws/kit/test-cloud.ts';
import { bridges } from './bridges/index.ts';
import { resources } from './resources/index.ts';
import { DESTINATIONS, TARGETS } from './resources/routing.ts';
import { loadProviderSchema } from './schema/load.ts';
import type { RunningProvider } from './server.ts';
import { startAllServices } from './testing/cloud.ts';
import { dummyConfig, type Extent } from './testing/dummy.ts';
import { startTestProvider } from './testing/provider.ts';
import { createWorkspace } from './testing/workspace.ts';

let cloud: TestCloud;
let provider: RunningProvider;

beforeAll(async () => {
  cloud = await startAllServices();
  provider = await startTestProvider(cloud.cloud);
});
afterAll(async () => {
  await provider.close();
  await cloud.remove();
});

/** Arguments that no schema tells to exclude each other. */
const rule = { cidr_ipv6: null, prefix_list_id: null, referenced_security_group_id: null, cidr_ipv4: '192.0.2.0/24' };
const others = Object.fromEntries([...DESTINATIONS, ...TARGETS].map((name) => [name, null]));
const route = { destination_cidr_block: '192.0.2.0/24', gateway_id: 'igw-dummy' };
const CORRECTIONS: Readonly<Record<string, object>> = {
  aws_api_gateway_authorizer: { authorizer_uri: 'arn:aws:apigateway:us-east-1:lambda:path/functions/dummy' },
  aws_autoscaling_group: { vpc_zone_identifier: null },
  aws_launch_template: { name_prefix: null },
  aws_route: { ...others, ...route },
  aws_route53_record: { alias: null },
  aws_route_table_association: { gateway_id: null, subnet_id: 'subnet-dummy' },
  aws_vpc_security_group_egress_rule: rule,
  aws_vpc_security_group_ingress_rule: rule,
  aws_wafv2_web_acl: { default_action: { allow: {} } },
};

/** One resource of every type that lives in the provider's own store. */
function everyRecord(extent: Extent): object {
  const schema = loadProviderSchema();
  const types = Object.entries(resources).filter(([type]) => !(type in bridges));
  const configs = types.map(([type, definition]) => {
    const block = schema.resources[type]?.block ?? { attributes: {}, blocks: {} };
    return [type, { dummy: { ...dummyConfig(block, definition, extent), ...CORRECTIONS[type] } }] as const;
  });
  return { resource: Object.fromEntries(configs) };
}

test.each<Extent>(['minimal', 'full'])(
  'every recorded type with its %s configuration needs no second change',
  async (extent) => {
    const workspace = createWorkspace(() => provider.reattach);
    try {
      await workspace.apply(everyRecord(extent));
      const { code, output } = await workspace.plan();
      expect(code === 0 ? '' : output).toBe('');
      const destroyed = await workspace.run('destroy', '-auto-approve', '-no-color');
      expect(destroyed.output).toContain('Destroy complete!');
    } finally {
      workspace.remove();
    }
  },
  60_000,
);
