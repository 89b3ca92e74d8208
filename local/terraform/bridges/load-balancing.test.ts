import { balancing } from '../testing/balancing.ts';
import { useTerraform } from '../testing/fixture.ts';

const terraform = useTerraform();
const { call, expectNoChanges } = terraform;

describe('load balancing', () => {
  test('drift in a rule shows; a target group that changed for good is replaced', async () => {
    await terraform.workspace.apply({ resource: balancing });
    await expectNoChanges();
    const { id } = await terraform.workspace.attributes('aws_lb_listener_rule.one');
    const Conditions = [{ Field: 'host-header', HostHeaderConfig: { Values: ['other.example'] } }];
    await call('elasticloadbalancing', 'ModifyRule', { RuleArn: id, Conditions });
    expect((await terraform.workspace.plan()).output).toContain('other.example');
    await call('elasticloadbalancing', 'DeleteRule', { RuleArn: id });
    expect((await terraform.workspace.plan()).output).toContain('aws_lb_listener_rule.one will be created');
  });

  test('a listener has what is left out of its configuration, and keeps how it answers', async () => {
    await terraform.workspace.apply({ resource: balancing });
    expect(await terraform.workspace.attributes('aws_lb_listener.http')).toMatchObject({
      protocol: 'HTTP',
      routing_http_response_server_enabled: true,
    });
    const { id } = await terraform.workspace.attributes('aws_lb_listener.https');
    const read = () => call('elasticloadbalancing', 'DescribeListenerAttributes', { ListenerArn: id });
    const value = (Key: string, Value: string) => ({ Attributes: expect.arrayContaining([{ Key, Value }]) as never });
    expect(await read()).toMatchObject(value('routing.http.response.access_control_max_age.header_value', '60'));
    const https = { ...balancing.aws_lb_listener.https, routing_http_response_server_enabled: true };
    const { http } = balancing.aws_lb_listener;
    expect(await terraform.workspace.apply({ resource: { ...balancing, aws_lb_listener: { http, https } } })).toContain(
      '0 added, 1 changed',
    );
    expect(await read()).toMatchObject(value('routing.http.response.server.enabled', 'true'));
    await expectNoChanges();
  });

  test('a policy of another naming scheme and HTTPS without a certificate are refused', async () => {
    const listener = { ...balancing.aws_lb_listener.https, ssl_policy: 'TLS13', certificate_arn: null };
    const { output } = await terraform.workspace.plan({
      resource: { aws_lb_listener: { https: { ...listener, load_balancer_arn: 'arn:aws:lb' } } },
    });
    expect(output).toContain("SSL policy 'TLS13' not found");
    expect(output).toContain('A certificate must be specified for HTTPS listeners');
    terraform.workspace.write({});
  });
});
