import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformStack } from '../cdktf.ts';
import { createLogBucket } from './log-bucket.ts';
import { Network } from './network.ts';

type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

const project = { app: 'demo', accountId: '123456789012', region: 'us-east-1' } as Parameters<
  typeof createLogBucket
>[1];

function resources(nat: ConstructorParameters<typeof Network>[2]['nat']): Resources {
  const outdir = mkdtempSync(join(tmpdir(), 'slipway-network-'));
  try {
    const app = new App({ outdir, skipValidation: true });
    const stack = new TerraformStack(app, 'one');
    const logs = createLogBucket(stack, project, 'demo-logs');
    new Network(stack, 'network', { name: 'demo', region: 'us-east-1', network: '10.20', nat, logs });
    app.synth();
    return JSON.parse(readFileSync(join(outdir, 'stacks/one/cdk.tf.json'), 'utf8')).resource;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const all = (found: Resources, type: string) => Object.values(found[type] ?? {});
/** Where private subnets send what is for the world. */
const wayOut = (found: Resources) => all(found, 'aws_route').filter(({ gateway_id }) => gateway_id === undefined);

test('a gateway: one, with an address of its own', () => {
  const found = resources('gateway');
  expect(all(found, 'aws_nat_gateway')).toHaveLength(1);
  expect(wayOut(found)).toMatchObject([{ nat_gateway_id: expect.stringContaining('aws_nat_gateway') }]);
  expect(all(found, 'aws_eip')).toHaveLength(1);
  expect(all(found, 'aws_autoscaling_group')).toEqual([]);
});

test('an instance: the route, the address and the instances share an interface that outlives them', () => {
  const found = resources('instance');
  const [name] = Object.keys(found['aws_network_interface'] ?? {});
  const shared = `\${aws_network_interface.${name}.id}`;
  expect(all(found, 'aws_nat_gateway')).toEqual([]);
  expect(wayOut(found)).toMatchObject([{ network_interface_id: shared }]);
  expect(all(found, 'aws_eip')).toMatchObject([{ network_interface: shared }]);
  expect(all(found, 'aws_network_interface')).toMatchObject([{ source_dest_check: false }]);
  expect(all(found, 'aws_launch_template')).toMatchObject([
    {
      network_interfaces: [{ device_index: 0, network_interface_id: shared, delete_on_termination: 'false' }],
      metadata_options: { http_tokens: 'required' },
      block_device_mappings: [{ ebs: { encrypted: 'true' } }],
    },
  ]);
  // Nobody logs in, and nothing that the instance does needs a right.
  const [template = {}] = all(found, 'aws_launch_template');
  expect([template['key_name'], template['iam_instance_profile']]).toEqual([undefined, undefined]);
  // The zone of the interface's subnet; the old instance has to let go of the interface first.
  expect(all(found, 'aws_autoscaling_group')).toMatchObject([
    {
      availability_zones: ['us-east-1a'],
      min_size: 1,
      max_size: 1,
      instance_maintenance_policy: { min_healthy_percentage: 0, max_healthy_percentage: 100 },
    },
  ]);
});

test('an instance passes on what its private subnets send by HTTPS, and nothing else gets in', () => {
  const found = resources('instance');
  const inside = all(found, 'aws_subnet').map(({ cidr_block }) => String(cidr_block));
  expect(inside).toEqual(['10.20.0.0/20', '10.20.16.0/20', '10.20.128.0/20', '10.20.144.0/20']);
  expect(all(found, 'aws_vpc_security_group_ingress_rule')).toMatchObject([
    { cidr_ipv4: '10.20.128.0/17', from_port: 443, to_port: 443 },
  ]);
  const [{ user_data } = { user_data: '' }] = all(found, 'aws_launch_template');
  const startUp = Buffer.from(String(user_data), 'base64').toString();
  expect(startUp).toMatch(/^#cloud-config\nbootcmd:\n/);
  expect(startUp).toContain('net.ipv4.ip_forward=1');
  expect(startUp).toContain('POSTROUTING -s 10.20.128.0/17 ! -d 10.20.128.0/17 -j MASQUERADE');
});

test('none: two public subnets, whose only way out is the internet gateway', () => {
  const found = resources('none');
  expect(wayOut(found)).toEqual([]);
  expect(all(found, 'aws_subnet')).toHaveLength(2);
  expect(all(found, 'aws_eip')).toEqual([]);
});
