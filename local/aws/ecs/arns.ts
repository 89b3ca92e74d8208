import type { Cloud } from '../../cloud.ts';

type Place = Pick<Cloud, 'region' | 'accountId'>;

const arn = ({ region, accountId }: Place, resource: string): string =>
  `arn:aws:ecs:${region}:${accountId}:${resource}`;

export const clusterArn = (place: Place, cluster: string): string => arn(place, `cluster/${cluster}`);
export const serviceArn = (place: Place, cluster: string, service: string): string =>
  arn(place, `service/${cluster}/${service}`);
export const taskArn = (place: Place, cluster: string, task: string): string => arn(place, `task/${cluster}/${task}`);
export const taskDefinitionArn = (place: Place, family: string, revision: number): string =>
  arn(place, `task-definition/${family}:${revision}`);

export const serviceDeploymentArn = (
  place: Place,
  { cluster, service, id }: { readonly cluster: string; readonly service: string; readonly id: string },
): string => arn(place, `service-deployment/${cluster}/${service}/${id}`);

/** ECS takes names and ARNs alike: the last part of either. */
export const shortName = (nameOrArn: string): string => nameOrArn.split('/').at(-1) ?? nameOrArn;

/** `web:3`, `web` or an ARN of either. */
export function parseTaskDefinition(nameOrArn: string): { readonly family: string; readonly revision?: number } {
  const [family = '', revision] = shortName(nameOrArn).split(':');
  return revision === undefined ? { family } : { family, revision: Number(revision) };
}
