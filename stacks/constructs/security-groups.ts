import { Construct, SecurityGroup, VpcSecurityGroupEgressRule, VpcSecurityGroupIngressRule } from '../cdktf.ts';

const ANYWHERE = '0.0.0.0/0';
/** Ports that a service may listen on: those that need no root. */
const SERVICE_PORTS = { fromPort: 1024, toPort: 65535 };

/** The world reaches the load balancer; only the load balancer reaches services; services reach the world over HTTPS. */
export class SecurityGroups extends Construct {
  readonly loadBalancer: string;
  readonly services: string;

  constructor(scope: Construct, id: string, { name, vpcId }: { readonly name: string; readonly vpcId: string }) {
    super(scope, id);
    const group = (part: string, description: string): string =>
      new SecurityGroup(this, part, { name: `${name}-${part}`, description, vpcId, tags: { Name: `${name}-${part}` } })
        .id;
    this.loadBalancer = group('load-balancer', 'Load balancer: HTTP and HTTPS from anywhere');
    this.services = group('services', 'Services: only from the load balancer');
    for (const port of [80, 443]) {
      new VpcSecurityGroupIngressRule(this, `world-${port}`, {
        securityGroupId: this.loadBalancer,
        description: `Port ${port} from anywhere`,
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        cidrIpv4: ANYWHERE,
      });
    }
    const between = { ipProtocol: 'tcp', ...SERVICE_PORTS };
    new VpcSecurityGroupEgressRule(this, 'to-services', {
      ...between,
      securityGroupId: this.loadBalancer,
      description: 'To services',
      referencedSecurityGroupId: this.services,
    });
    new VpcSecurityGroupIngressRule(this, 'from-load-balancer', {
      ...between,
      securityGroupId: this.services,
      description: 'From the load balancer',
      referencedSecurityGroupId: this.loadBalancer,
    });
    new VpcSecurityGroupEgressRule(this, 'https', {
      securityGroupId: this.services,
      description: 'AWS APIs, image layers, Sentry',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      cidrIpv4: ANYWHERE,
    });
  }
}
