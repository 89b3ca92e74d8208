import { Construct, Lb, LbListener, Route53Record, type S3BucketPolicy } from '../cdktf.ts';

interface LoadBalancerProperties {
  readonly name: string;
  readonly subnetIds: readonly string[];
  readonly securityGroup: string;
  readonly certificateArn: string;
  readonly deletionProtection: boolean;
  readonly logs: { readonly bucket: string; readonly policy: S3BucketPolicy };
  /** Names that lead here. */
  readonly hosts: readonly string[];
  readonly zoneId: string;
}

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** HTTPS only; what no rule of a service takes gets a 404. */
export class LoadBalancer extends Construct {
  readonly arn: string;
  readonly arnSuffix: string;
  readonly listenerArn: string;

  constructor(scope: Construct, id: string, properties: LoadBalancerProperties) {
    super(scope, id);
    const balancer = createBalancer(this, properties);
    this.arn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.listenerArn = new LbListener(this, 'https', {
      loadBalancerArn: balancer.arn,
      port: 443,
      protocol: 'HTTPS',
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      certificateArn: properties.certificateArn,
      routingHttpResponseStrictTransportSecurityHeaderValue: `max-age=${YEAR_SECONDS}`,
      defaultAction: [
        {
          type: 'fixed-response',
          fixedResponse: { contentType: 'text/plain', statusCode: '404', messageBody: 'No service answers here.' },
        },
      ],
    }).arn;
    new LbListener(this, 'http', {
      loadBalancerArn: balancer.arn,
      port: 80,
      protocol: 'HTTP',
      defaultAction: [{ type: 'redirect', redirect: { port: '443', protocol: 'HTTPS', statusCode: 'HTTP_301' } }],
    });
    for (const [index, name] of properties.hosts.entries()) {
      new Route53Record(this, `host-${index}`, {
        zoneId: properties.zoneId,
        name,
        type: 'A',
        alias: { name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true },
      });
    }
  }
}

function createBalancer(scope: Construct, properties: LoadBalancerProperties): Lb {
  return new Lb(scope, 'balancer', {
    name: properties.name,
    loadBalancerType: 'application',
    internal: false,
    subnets: [...properties.subnetIds],
    securityGroups: [properties.securityGroup],
    enableDeletionProtection: properties.deletionProtection,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: 'defensive',
    accessLogs: { enabled: true, bucket: properties.logs.bucket, prefix: 'alb' },
    connectionLogs: { enabled: true, bucket: properties.logs.bucket, prefix: 'alb' },
    dependsOn: [properties.logs.policy],
  });
}
