import {
  Construct,
  DefaultSecurityGroup,
  Eip,
  FlowLog,
  InternetGateway,
  NatGateway,
  Route,
  RouteTable,
  RouteTableAssociation,
  type S3BucketPolicy,
  Subnet,
  Vpc,
  VpcEndpoint,
} from '../cdktf.ts';
import { NatInstance } from './nat-instance.ts';

interface NetworkProperties {
  readonly name: string;
  readonly region: string;
  /** First two octets, such as `10.10`. */
  readonly network: string;
  readonly nat: 'gateway' | 'instance' | 'none';
  readonly logs: { readonly bucket: string; readonly policy: S3BucketPolicy };
}

const ZONES = ['a', 'b'] as const;
/** Third octets at which the subnets of /20 begin. */
const PUBLIC_START = 0;
const PRIVATE_START = 128;
/** Holds all private subnets. */
const PRIVATE_CIDR_BITS = 17;

/**
 * Two zones. Public subnets hold the load balancer; without a NAT gateway also the tasks, which then have public addresses but a security
 * group that lets nothing in except the load balancer. With one, or with an instance in its place, tasks are in private subnets (docs/decisions.md).
 * S3 and DynamoDB are reached through gateway endpoints, which cost nothing.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly publicSubnetIds: readonly string[];
  /** Where tasks run. */
  readonly serviceSubnetIds: readonly string[];

  constructor(scope: Construct, id: string, properties: NetworkProperties) {
    super(scope, id);
    const { name, network, nat, logs } = properties;
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
    const table = new RouteTable(this, 'routes', { vpcId: vpc.id, tags: { Name: name } });
    const gateway = new InternetGateway(this, 'gateway', { vpcId: vpc.id, tags: { Name: name } });
    new Route(this, 'internet', { routeTableId: table.id, destinationCidrBlock: ANYWHERE, gatewayId: gateway.id });
    const subnets = { ...properties, vpcId: vpc.id };
    this.publicSubnetIds = createSubnets(this, { ...subnets, tableId: table.id, start: PUBLIC_START });
    const inside = nat === 'none' ? undefined : this.createPrivateSubnets(properties);
    this.serviceSubnetIds = inside?.subnetIds ?? this.publicSubnetIds;
    createEndpoints(this, { ...subnets, tableIds: [table.id, ...(inside === undefined ? [] : [inside.tableId])] });
  }

  private createPrivateSubnets(properties: NetworkProperties) {
    const { name } = properties;
    const wayOut = properties.nat === 'gateway' ? this.createGateway(name) : this.createInstance(properties);
    const table = new RouteTable(this, 'private-routes', { vpcId: this.vpcId, tags: { Name: `${name}-private` } });
    new Route(this, 'through-nat', { routeTableId: table.id, destinationCidrBlock: ANYWHERE, ...wayOut });
    const place = { ...properties, vpcId: this.vpcId, tableId: table.id, start: PRIVATE_START, part: 'private-' };
    return { tableId: table.id, subnetIds: createSubnets(this, place) };
  }

  private createGateway(name: string): { readonly natGatewayId: string } {
    const address = new Eip(this, 'nat-address', { domain: 'vpc', tags: { Name: `${name}-nat` } });
    const gateway = new NatGateway(this, 'nat', {
      allocationId: address.id,
      subnetId: this.publicSubnetIds[0] ?? '',
      tags: { Name: name },
    });
    return { natGatewayId: gateway.id };
  }

  private createInstance({ name, network, region }: NetworkProperties): { readonly networkInterfaceId: string } {
    const { networkInterfaceId } = new NatInstance(this, 'nat', {
      name,
      vpcId: this.vpcId,
      subnetId: this.publicSubnetIds[0] ?? '',
      availabilityZone: `${region}${ZONES[0]}`,
      privateCidr: `${network}.${PRIVATE_START}.0/${PRIVATE_CIDR_BITS}`,
    });
    return { networkInterfaceId };
  }
}

const ANYWHERE = '0.0.0.0/0';

interface Subnets extends Pick<NetworkProperties, 'name' | 'region' | 'network'> {
  readonly vpcId: string;
  readonly tableId: string;
  readonly start: number;
  /** In front of the zone, in names. */
  readonly part?: string;
}

function createSubnets(scope: Construct, properties: Subnets): readonly string[] {
  const { name, region, network, vpcId, tableId, start, part = '' } = properties;
  return ZONES.map((zone, index) => {
    const subnet = new Subnet(scope, `subnet-${part}${zone}`, {
      vpcId,
      cidrBlock: `${network}.${start + index * 16}.0/20`,
      availabilityZone: `${region}${zone}`,
      tags: { Name: `${name}-${part}${zone}` },
    });
    new RouteTableAssociation(scope, `routes-${part}${zone}`, { subnetId: subnet.id, routeTableId: tableId });
    return subnet.id;
  });
}

interface Endpoints extends Pick<NetworkProperties, 'name' | 'region'> {
  readonly vpcId: string;
  readonly tableIds: readonly string[];
}

function createEndpoints(scope: Construct, { name, region, vpcId, tableIds }: Endpoints): void {
  for (const service of ['s3', 'dynamodb']) {
    new VpcEndpoint(scope, service, {
      vpcId,
      serviceName: `com.amazonaws.${region}.${service}`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [...tableIds],
      tags: { Name: `${name}-${service}` },
    });
  }
}
