import {
  AutoscalingGroup,
  Construct,
  Eip,
  LaunchTemplate,
  NetworkInterface,
  SecurityGroup,
  VpcSecurityGroupEgressRule,
  VpcSecurityGroupIngressRule,
} from '../cdktf.ts';

interface NatInstanceProperties {
  readonly name: string;
  readonly vpcId: string;
  /** Public, where it stands. */
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** Whose requests it passes on. */
  readonly privateCidr: string;
}

/**
 * Amazon's own image for ECS hosts: it comes with iptables, so that a boot downloads nothing, which half a gigabyte of memory would be too little for. Read whenever an
 * instance starts: one that is replaced is patched.
 */
const IMAGE = 'resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id';
/** The smallest volume that the image fits on, in gigabytes. */
const VOLUME = 30;
export const NAT_INSTANCE_TYPE = 't4g.nano';
const MONTH_SECONDS = 30 * 24 * 60 * 60;
const ANYWHERE = '0.0.0.0/0';

/**
 * A small instance in place of a NAT gateway, for a quarter of its price. Address and route belong to a network interface that outlives instances; a group of one replaces an instance
 * that fails, and any after a month. Nobody can log in: no key, no role, no port but 443 from inside.
 * https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
 */
export class NatInstance extends Construct {
  readonly networkInterfaceId: string;

  constructor(scope: Construct, id: string, properties: NatInstanceProperties) {
    super(scope, id);
    const { name, subnetId, availabilityZone } = properties;
    const tags = { Name: `${name}-nat` };
    const networkInterface = new NetworkInterface(this, 'interface', {
      subnetId,
      description: 'The way out of private subnets',
      securityGroups: [createSecurityGroup(this, properties)],
      // It passes on what is not addressed to it.
      sourceDestCheck: false,
      tags,
    });
    this.networkInterfaceId = networkInterface.id;
    new Eip(this, 'address', { domain: 'vpc', networkInterface: networkInterface.id, tags });
    const template = createTemplate(this, properties, networkInterface.id);
    new AutoscalingGroup(this, 'group', {
      name: `${name}-nat`,
      minSize: 1,
      maxSize: 1,
      desiredCapacity: 1,
      // An interface that is there already decides about the subnet; AWS wants the zone instead.
      availabilityZones: [availabilityZone],
      launchTemplate: { id: template.id, version: '$Latest' },
      healthCheckType: 'EC2',
      maxInstanceLifetime: MONTH_SECONDS,
      // There is one interface: the old instance has to go first.
      instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
      tag: [{ key: 'Name', value: `${name}-nat`, propagateAtLaunch: true }],
    });
  }
}

function createTemplate(scope: Construct, { name, privateCidr }: NatInstanceProperties, networkInterfaceId: string) {
  return new LaunchTemplate(scope, 'template', {
    name: `${name}-nat`,
    description: 'Passes on what private subnets send',
    imageId: IMAGE,
    instanceType: NAT_INSTANCE_TYPE,
    networkInterfaces: [{ deviceIndex: 0, networkInterfaceId, deleteOnTermination: 'false' }],
    blockDeviceMappings: [
      {
        deviceName: '/dev/xvda',
        ebs: { volumeType: 'gp3', volumeSize: VOLUME, encrypted: 'true', deleteOnTermination: 'true' },
      },
    ],
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
    // More work than it is made for slows it down and costs nothing.
    creditSpecification: { cpuCredits: 'standard' },
    updateDefaultVersion: true,
    userData: Buffer.from(startUp(privateCidr)).toString('base64'),
  });
}

/** Runs at every boot, before anything else starts. */
const startUp = (privateCidr: string): string =>
  [
    '#cloud-config',
    'bootcmd:',
    '  - systemctl mask ecs.service docker.service docker.socket',
    '  - sysctl -w net.ipv4.ip_forward=1',
    `  - iptables -t nat -A POSTROUTING -s ${privateCidr} ! -d ${privateCidr} -j MASQUERADE`,
    '',
  ].join('\n');

function createSecurityGroup(scope: Construct, { name, vpcId, privateCidr }: NatInstanceProperties): string {
  const group = new SecurityGroup(scope, 'security-group', {
    name: `${name}-nat`,
    description: 'NAT instance: HTTPS from private subnets',
    vpcId,
    tags: { Name: `${name}-nat` },
  });
  const https = { securityGroupId: group.id, ipProtocol: 'tcp', fromPort: 443, toPort: 443 };
  new VpcSecurityGroupIngressRule(scope, 'from-inside', {
    ...https,
    description: 'From private subnets',
    cidrIpv4: privateCidr,
  });
  new VpcSecurityGroupEgressRule(scope, 'to-the-world', {
    ...https,
    description: 'To AWS APIs and Sentry',
    cidrIpv4: ANYWHERE,
  });
  return group.id;
}
