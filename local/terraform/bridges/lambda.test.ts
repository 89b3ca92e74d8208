import { useTerraform } from '../testing/fixture.ts';
import { ref } from '../testing/workspace.ts';

const terraform = useTerraform();
const { call, expectNoChanges } = terraform;

describe('Lambda', () => {
  const functions = (change: object = {}) => ({
    resource: {
      aws_lambda_function: {
        f: {
          function_name: 'score',
          package_type: 'Image',
          image_uri: '127.0.0.1:5000/app/score:bootstrap',
          role: 'arn:aws:iam::000000000000:role/score',
          environment: { variables: { A: '1' } },
          publish: true,
          timeout: 10,
          ...change,
        },
      },
      aws_lambda_alias: {
        live: {
          name: 'live',
          function_name: ref('aws_lambda_function.f.function_name'),
          function_version: ref('aws_lambda_function.f.version'),
        },
      },
      aws_lambda_permission: {
        p: {
          action: 'lambda:InvokeFunction',
          function_name: ref('aws_lambda_function.f.function_name'),
          qualifier: ref('aws_lambda_alias.live.name'),
          principal: 'elasticloadbalancing.amazonaws.com',
          source_arn: ref('aws_lb_target_group.t.arn'),
        },
      },
      aws_lb_target_group: { t: { name: 'score', target_type: 'lambda' } },
      aws_lb_target_group_attachment: {
        a: {
          target_group_arn: ref('aws_lb_target_group.t.arn'),
          target_id: ref('aws_lambda_alias.live.arn'),
          depends_on: ['aws_lambda_permission.p'],
        },
      },
    },
  });

  test('a published change is a new version, and the alias moves to it', async () => {
    await terraform.workspace.apply(functions());
    await expectNoChanges();
    expect(await terraform.workspace.attributes('aws_lambda_alias.live')).toMatchObject({ function_version: '1' });
    await terraform.workspace.apply(functions({ environment: { variables: { A: '2' } }, memory_size: 256 }));
    await expectNoChanges();
    expect(await terraform.workspace.attributes('aws_lambda_alias.live')).toMatchObject({ function_version: '2' });
    const { Configuration } = await call<{ Configuration: object }>('lambda', 'GetFunction', { FunctionName: 'score' });
    expect(Configuration).toMatchObject({ MemorySize: 256, Timeout: 10, Environment: { Variables: { A: '2' } } });
  });

  test('a permission taken away outside is planned to be given again', async () => {
    await terraform.workspace.apply(functions());
    const { id } = await terraform.workspace.attributes('aws_lambda_permission.p');
    await call('lambda', 'RemovePermission', { FunctionName: 'score', Qualifier: 'live', StatementId: id });
    expect((await terraform.workspace.plan()).output).toContain('aws_lambda_permission.p will be created');
  });

  test('a function from a zip file is refused', async () => {
    const zip = {
      function_name: 'z',
      role: 'arn:aws:iam::000000000000:role/z',
      filename: 'z.zip',
      handler: 'a.b',
      runtime: 'nodejs24.x',
    };
    terraform.workspace.write({ resource: { aws_lambda_function: { z: zip } } });
    const { output } = await terraform.workspace.run('apply', '-auto-approve', '-no-color');
    expect(output).toContain('The local cloud runs functions from container images only');
    terraform.workspace.write({});
  });
});
