import type { ResourceRecord } from './engine/definition.ts';
import { useTerraform } from './testing/fixture.ts';
import { ref } from './testing/workspace.ts';

const terraform = useTerraform();
const { expectNoChanges } = terraform;

const records = (type: string) => terraform.cloud.store.collection<ResourceRecord>(`terraform/${type}`);

const network = ({ name = 'main', cidr = '10.0.1.0/24' } = {}) => ({
  resource: {
    aws_vpc: { main: { cidr_block: '10.0.0.0/16', tags: { Name: name } } },
    aws_subnet: { a: { vpc_id: ref('aws_vpc.main.id'), cidr_block: cidr } },
    aws_security_group: {
      web: { name: 'web', vpc_id: ref('aws_vpc.main.id'), ingress: [ingress({ cidr_blocks: ['0.0.0.0/0'] })] },
    },
  },
});

const ingress = (given: object) => ({
  from_port: 80,
  to_port: 80,
  protocol: 'tcp',
  description: null,
  cidr_blocks: null,
  ipv6_cidr_blocks: null,
  prefix_list_ids: null,
  security_groups: null,
  self: null,
  ...given,
});

describe('a resource that is only recorded', () => {
  test('is created, needs no second change, is updated in place and destroyed', async () => {
    await terraform.workspace.apply(network());
    await expectNoChanges();
    const before = await terraform.workspace.attributes('aws_vpc.main');
    expect(before['arn']).toBe(`arn:aws:ec2:us-east-1:000000000000:vpc/${String(before['id'])}`);

    const output = await terraform.workspace.apply(network({ name: 'other' }));
    expect(output).toContain('0 added, 1 changed, 0 destroyed');
    expect(await terraform.workspace.attributes('aws_vpc.main')).toMatchObject({
      id: before['id'],
      tags: { Name: 'other' },
    });

    await terraform.workspace.run('destroy', '-auto-approve');
    expect(records('aws_vpc').entries()).toEqual([]);
  });

  test('is replaced when an attribute changes that cannot be changed', async () => {
    await terraform.workspace.apply(network());
    const before = await terraform.workspace.attributes('aws_subnet.a');
    const { output } = await terraform.workspace.plan(network({ cidr: '10.0.2.0/24' }));
    expect(output).toContain('cidr_block');
    expect(output).toContain('# forces replacement');
    expect(await terraform.workspace.apply()).toContain('1 added, 0 changed, 1 destroyed');
    expect((await terraform.workspace.attributes('aws_subnet.a'))['id']).not.toBe(before['id']);
  });

  test('that was changed or deleted outside shows as drift and is repaired', async () => {
    await terraform.workspace.apply(network());
    const [[id, record]] = records('aws_subnet').entries() as [[string, ResourceRecord]];
    records('aws_subnet').set(id, { ...record, attributes: { ...record.attributes, map_public_ip_on_launch: true } });
    const drift = await terraform.workspace.plan();
    expect(drift.code).toBe(2);
    expect(drift.output).toMatch(/map_public_ip_on_launch\s+= true -> false/);

    records('aws_subnet').delete(id);
    expect((await terraform.workspace.plan()).output).toContain('1 to add, 0 to change, 0 to destroy');
    await terraform.workspace.apply();
    await expectNoChanges();
  });

  test('is found again by a provider that was started anew', async () => {
    await terraform.workspace.apply(network());
    await terraform.restartProvider();
    await expectNoChanges();
  });

  test('can be imported', async () => {
    await terraform.workspace.apply(network());
    const { id } = await terraform.workspace.attributes('aws_vpc.main');
    await terraform.workspace.run('state', 'rm', 'aws_vpc.main');
    const imported = await terraform.workspace.run('import', '-no-color', 'aws_vpc.main', String(id));
    expect(imported.output).toContain('Import successful!');
    await expectNoChanges();
    const absent = await terraform.workspace.run('import', '-no-color', 'aws_subnet.a', 'subnet-none');
    expect(absent.code).toBe(1);
  });
});

describe('tags', () => {
  const tagged = (own: object | undefined, defaults: object) => ({
    provider: { aws: { region: 'us-east-1', default_tags: { tags: defaults } } },
    resource: { aws_sns_topic: { t: { name: 'alarms', ...(own ? { tags: own } : {}) } } },
  });

  test('are the default tags of the provider and the ones of the resource, which win', async () => {
    await terraform.workspace.apply(tagged({ team: 'own' }, { team: 'default', app: 'slipway' }));
    expect(await terraform.workspace.attributes('aws_sns_topic.t')).toMatchObject({
      tags: { team: 'own' },
      tags_all: { team: 'own', app: 'slipway' },
    });
    await expectNoChanges();
    expect(await terraform.workspace.apply(tagged(undefined, { app: 'other' }))).toContain('1 changed');
    expect((await terraform.workspace.attributes('aws_sns_topic.t'))['tags_all']).toEqual({ app: 'other' });
    await expectNoChanges();
  });
});

describe('provider instances', () => {
  test('two aliases in one process have regions of their own', async () => {
    await terraform.workspace.apply({
      provider: { aws: [{ region: 'us-east-1' }, { alias: 'west', region: 'us-west-2' }] },
      resource: {
        aws_backup_vault: { here: { name: 'jobs' }, there: { provider: 'aws.west', name: 'jobs' } },
      },
    });
    expect((await terraform.workspace.attributes('aws_backup_vault.here'))['arn']).toBe(
      'arn:aws:backup:us-east-1:000000000000:backup-vault:jobs',
    );
    expect((await terraform.workspace.attributes('aws_backup_vault.there'))['arn']).toBe(
      'arn:aws:backup:us-west-2:000000000000:backup-vault:jobs',
    );
    await expectNoChanges();
  });

  test('an account that is not allowed is refused', async () => {
    const { code, output } = await terraform.workspace.plan({
      provider: { aws: { allowed_account_ids: ['123456789012'] } },
      resource: { aws_sns_topic: { t: { name: 'alarms' } } },
    });
    expect(code).toBe(1);
    expect(output).toContain('AWS account ID not allowed: 000000000000');
    terraform.workspace.write({});
  });

  test('a served API outside of the region of the local cloud is refused by name', async () => {
    terraform.workspace.write({
      provider: { aws: { region: 'eu-west-1' } },
      resource: { aws_ssm_parameter: { p: { name: '/p', type: 'String', value: 'v' } } },
    });
    const { output } = await terraform.workspace.run('apply', '-auto-approve', '-no-color');
    expect(output).toContain('the local cloud serves ssm in us-east-1 only, not in eu-west-1');
    terraform.workspace.write({});
  });
});

describe('bad configuration', () => {
  const planOf = async (resource: object) => {
    const result = await terraform.workspace.plan({ resource });
    terraform.workspace.write({});
    return result;
  };

  test('a type that is not supported is refused by name', async () => {
    const { code, output } = await planOf({ aws_db_instance: { d: { instance_class: 'db.t4g.micro' } } });
    expect(code).toBe(1);
    expect(output).toContain('aws_db_instance');
    expect(output).toContain('does not support resource type');
  });

  test('a wrong value is shown on its line', async () => {
    const table = { name: 't', billing_mode: 'FREE', hash_key: 'id', attribute: [{ name: 'id', type: 'S' }] };
    const { code, output } = await planOf({ aws_dynamodb_table: { t: table } });
    expect(code).toBe(1);
    expect(output).toContain('expected billing_mode to be one of ["PROVISIONED","PAY_PER_REQUEST"], got FREE');
    expect(output).toMatch(/\d+: +"billing_mode": "FREE"/);
  });

  test('a policy that is no JSON is refused', async () => {
    const { output } = await planOf({ aws_iam_role: { r: { name: 'r', assume_role_policy: '{' } } });
    expect(output).toContain('"assume_role_policy" contains an invalid JSON');
  });

  test('arguments that exclude each other are refused', async () => {
    const { output } = await planOf({ aws_sns_topic: { t: { name: 'a', name_prefix: 'b' } } });
    expect(output).toContain('"name_prefix": conflicts with name');
  });
});

describe('prevent_destroy', () => {
  test('is obeyed, as it is of Terraform itself', async () => {
    const topic = { name: 'kept', lifecycle: { prevent_destroy: true } };
    await terraform.workspace.apply({ resource: { aws_sns_topic: { t: topic } } });
    const { code, output } = await terraform.workspace.run('destroy', '-auto-approve', '-no-color');
    expect(code).toBe(1);
    expect(output).toContain('Instance cannot be destroyed');
    terraform.workspace.write({});
  });
});
