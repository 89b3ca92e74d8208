import { ref } from './workspace.ts';

/** Resources of a load balancer with two listeners and rules, for tests. */
export const balancing = {
  aws_vpc: { v: { cidr_block: '10.0.0.0/16' } },
  aws_subnet: { a: { vpc_id: ref('aws_vpc.v.id'), cidr_block: '10.0.0.0/24' } },
  aws_lb: { l: { name: 'app', subnets: [ref('aws_subnet.a.id')], idle_timeout: 30, drop_invalid_header_fields: true } },
  aws_lb_target_group: {
    t: {
      name: 'web',
      target_type: 'ip',
      port: 80,
      protocol: 'HTTP',
      vpc_id: ref('aws_vpc.v.id'),
      deregistration_delay: 5,
      health_check: { path: '/health', matcher: '200', interval: 10, timeout: 3 },
    },
    f: { name: 'function', target_type: 'lambda' },
  },
  aws_lb_listener: {
    http: {
      load_balancer_arn: ref('aws_lb.l.arn'),
      port: 80,
      default_action: { type: 'redirect', redirect: { port: '443', protocol: 'HTTPS', status_code: 'HTTP_301' } },
    },
    https: {
      load_balancer_arn: ref('aws_lb.l.arn'),
      port: 443,
      protocol: 'HTTPS',
      ssl_policy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      routing_http_response_server_enabled: false,
      routing_http_response_access_control_max_age_header_value: '60',
      certificate_arn: 'arn:aws:acm:us-east-1:000000000000:certificate/c',
      default_action: {
        type: 'fixed-response',
        fixed_response: { content_type: 'text/plain', message_body: 'no', status_code: 404 },
      },
    },
  },
  aws_lb_listener_rule: {
    one: {
      listener_arn: ref('aws_lb_listener.https.arn'),
      priority: 10,
      condition: [{ host_header: { values: ['a.example'] } }, { path_pattern: { values: ['/v2/*', '/v3/*'] } }],
      action: { type: 'forward', target_group_arn: ref('aws_lb_target_group.t.arn') },
    },
    weighted: {
      listener_arn: ref('aws_lb_listener.https.arn'),
      priority: 20,
      condition: [
        { query_string: [{ key: 'a', value: 'b' }] },
        { http_header: { http_header_name: 'X-A', values: ['1'] } },
      ],
      action: {
        type: 'forward',
        forward: {
          target_group: [
            { arn: ref('aws_lb_target_group.t.arn'), weight: 1 },
            { arn: ref('aws_lb_target_group.f.arn'), weight: 3 },
          ],
        },
      },
    },
  },
};
