import { hostEnvironment } from '../pipeline/manifest/names.ts';
import { type Construct, Fn } from './cdktf.ts';
import { readParameter } from './parameters.ts';
import type { StackInput } from './stack.ts';

/** What the platform stack of an environment made, as the stacks on top of it see it. */
export interface PlatformValues {
  readonly keyArn: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly listenerArn: string;
  readonly clusterArn: string;
}

/** Reads them; a preview stands on staging's platform. */
export function readPlatform(scope: Construct, { project, environment }: StackInput): PlatformValues {
  const read = (key: string): string =>
    readParameter(scope, { project, environment: hostEnvironment(environment) }, key);
  const subnets = read('subnet-ids');
  return {
    keyArn: read('key-arn'),
    vpcId: read('vpc-id'),
    subnetIds: [0, 1].map((index) => splitPart(subnets, index)),
    securityGroupId: read('security-group-id'),
    listenerArn: read('listener-arn'),
    clusterArn: read('cluster-arn'),
  };
}

/** The part is only known to Terraform: `${data...}` becomes an expression around it. */
function splitPart(token: string, index: number): string {
  return Fn.element(Fn.split(',', token), index);
}
