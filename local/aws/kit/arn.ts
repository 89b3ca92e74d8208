import type { Cloud } from '../../cloud.ts';

/** `arn:aws:<service>:<region>:<account>:<resource>`, as most services name their resources. */
export function arn(cloud: Pick<Cloud, 'region' | 'accountId'>, service: string, resource: string): string {
  return `arn:aws:${service}:${cloud.region}:${cloud.accountId}:${resource}`;
}
