import { useTerraform } from '../testing/fixture.ts';
import { ref } from '../testing/workspace.ts';

const terraform = useTerraform();
const { call, expectNoChanges } = terraform;

describe('SSM parameters', () => {
  const parameter = (value: string) => ({
    resource: { aws_ssm_parameter: { p: { name: '/app/p', type: 'String', value } } },
  });
  const read = () => call<{ Parameter: { Value: string; Version: number } }>('ssm', 'GetParameter', { Name: '/app/p' });

  test('have one version more with every value; what the SDK wrote shows as drift', async () => {
    await terraform.workspace.apply(parameter('one'));
    expect((await read()).Parameter).toMatchObject({ Value: 'one', Version: 1 });
    await terraform.workspace.apply(parameter('two'));
    expect(await terraform.workspace.attributes('aws_ssm_parameter.p')).toMatchObject({
      value: 'two',
      version: 2,
      tier: 'Standard',
    });
    await call('ssm', 'PutParameter', { Name: '/app/p', Value: 'by hand', Overwrite: true });
    const drift = await terraform.workspace.plan();
    expect(drift.code).toBe(2);
    expect(drift.output).toContain('1 to change');
    await terraform.workspace.apply();
    expect((await read()).Parameter).toMatchObject({ Value: 'two', Version: 4 });
    await expectNoChanges();
  });

  test('deleted outside are planned to be created', async () => {
    await terraform.workspace.apply(parameter('one'));
    await call('ssm', 'DeleteParameter', { Name: '/app/p' });
    expect((await terraform.workspace.plan()).output).toContain('1 to add, 0 to change, 0 to destroy');
  });

  test('hold secret, insecure and write-only values', async () => {
    const configuration = {
      resource: {
        aws_ssm_parameter: {
          secret: { name: '/app/secret', type: 'SecureString', value: 'hidden' },
          plain: { name: '/app/plain', type: 'String', insecure_value: 'shown', tier: 'Intelligent-Tiering' },
          unseen: { name: '/app/unseen', type: 'SecureString', value_wo: 'never stored', value_wo_version: 1 },
        },
      },
    };
    await terraform.workspace.apply(configuration);
    await expectNoChanges();
    const { Parameter } = await call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
      Name: '/app/unseen',
      WithDecryption: true,
    });
    expect(Parameter.Value).toBe('never stored');
    expect(JSON.stringify(await terraform.workspace.attributes('aws_ssm_parameter.unseen'))).not.toContain(
      'never stored',
    );
  });

  test('can be read by a data source', async () => {
    await terraform.workspace.apply(parameter('one'));
    await terraform.workspace.apply({
      ...parameter('one'),
      data: { aws_ssm_parameter: { p: { name: '/app/p' } } },
      output: { value: { value: ref('nonsensitive(data.aws_ssm_parameter.p.value)') } },
    });
    expect((await terraform.workspace.run('output', '-raw', 'value')).output).toBe('one');
  });
});

describe('secrets and log groups', () => {
  test('are what the SDK describes', async () => {
    await terraform.workspace.apply({
      resource: {
        aws_secretsmanager_secret: { s: { name: 'db', description: 'of the database', recovery_window_in_days: 0 } },
        aws_secretsmanager_secret_version: {
          v: { secret_id: ref('aws_secretsmanager_secret.s.id'), secret_string: 'pw' },
        },
        aws_cloudwatch_log_group: { l: { name: '/app', retention_in_days: 7, tags: { a: 'b' } } },
      },
    });
    await expectNoChanges();
    const value = await call<{ SecretString: string }>('secretsmanager', 'GetSecretValue', { SecretId: 'db' });
    expect(value.SecretString).toBe('pw');
    const { logGroups } = await call<{ logGroups: object[] }>('logs', 'DescribeLogGroups', {
      logGroupNamePrefix: '/app',
    });
    expect(logGroups).toMatchObject([{ logGroupName: '/app', retentionInDays: 7 }]);
  });
});
