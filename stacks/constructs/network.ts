import {
  Construct,
  DefaultSecurityGroup,
  FlowLog,
  InternetGateway,
  Route,
  RouteTable,
  RouteTableAssociation,
  type S3BucketPolicy,
  Subnet,
  Vpc,
  VpcEndpoint,
} from '../cdktf.ts';

interface NetworkProperties {
  readonly name: string;
  readonly region: string;
  /** First two octets, such as `10.10`. */
  readonly network: string;
  readonly logs: { readonly bucket: string; readonly policy: S3BucketPolicy };
}

const ZONES = ['a', 'b'] as const;

/**
 * Two public subnets and no NAT gateway: tasks have public addresses, but their security group lets nothing in except the load
 * balancer. A NAT gateway would cost more per month than everything that runs behind it (docs/decisions.md).
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];

  constructor(scope: Construct, id: string, { name, region, network, logs }: NetworkProperties) {
    super(scope, id);
    const vpc = new Vpc(this, 'vpc', {
      cidrBlock: `${network}.0.0/16`,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: name },
    });
    this.vpcId = vpc.id;
    // Taking the default group over without rules closes it.
    new DefaultSecurityGroup(this, 'default-group', { vpcId: vpc.id });
    new FlowLog(this, 'flow-log', {
      vpcId: vpc.id,
      trafficType: 'ALL',
      logDestinationType: 's3',
      logDestination: `arn:aws:s3:::${logs.bucket}/vpc/`,
      dependsOn: [logs.policy],
    });
    const gateway = new InternetGateway(this, 'gateway', { vpcId: vpc.id, tags: { Name: name } });
    const table = new RouteTable(this, 'routes', { vpcId: vpc.id, tags: { Name: name } });
    new Route(this, 'internet', { routeTableId: table.id, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.id });
    this.subnetIds = ZONES.map((zone, index) => {
      const subnet = new Subnet(this, `subnet-${zone}`, {
        vpcId: vpc.id,
        cidrBlock: `${network}.${index * 16}.0/20`,
        availabilityZone: `${region}${zone}`,
        tags: { Name: `${name}-${zone}` },
      });
      new RouteTableAssociation(this, `routes-${zone}`, { subnetId: subnet.id, routeTableId: table.id });
      return subnet.id;
    });
    for (const service of ['s3', 'dynamodb']) {
      new VpcEndpoint(this, service, {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: [table.id],
        tags: { Name: `${name}-${service}` },
      });
    }
  }
}
