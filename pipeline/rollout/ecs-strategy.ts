import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { bakeMinutes, DEFAULT_PERCENT, isShifted } from '../manifest/rollout.ts';
import type { EcsService } from '../ports/ecs.ts';
import type { ServiceTemplate } from '../release/template.ts';
import type { Target } from './mover.ts';

/**
 * How ECS is to carry out this one deployment. The strategy belongs to the release, not to Terraform: a new revision is tried out as its
 * manifest says; one that served before, or has no predecessor, takes over as soon as it runs. Empty when the service is set up that way already. Pure.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function strategyFor(
  { rollout }: Pick<ServiceTemplate, 'rollout'>,
  { isNew }: Pick<Target, 'isNew'>,
  service: Pick<EcsService, 'deploymentConfiguration' | 'desired'> | undefined,
): { readonly deploymentConfiguration?: DeploymentConfiguration } {
  const {
    strategy = 'ROLLING',
    bakeTimeInMinutes,
    canaryConfiguration,
    ...kept
  } = service?.deploymentConfiguration ?? {};
  if (!isShifted(rollout))
    return strategy === 'ROLLING' ? {} : { deploymentConfiguration: { ...kept, strategy: 'ROLLING' } };
  if (!isNew || service?.desired === 0)
    return { deploymentConfiguration: { ...kept, strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 } };
  const minutes = bakeMinutes(rollout);
  if (rollout?.strategy === 'blue-green')
    return { deploymentConfiguration: { ...kept, strategy: 'BLUE_GREEN', bakeTimeInMinutes: minutes } };
  const canary = { canaryPercent: rollout?.percent ?? DEFAULT_PERCENT, canaryBakeTimeInMinutes: minutes };
  return {
    deploymentConfiguration: { ...kept, strategy: 'CANARY', bakeTimeInMinutes: 0, canaryConfiguration: canary },
  };
}
