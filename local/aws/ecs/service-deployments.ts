import type * as sdk from '@aws-sdk/client-ecs';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { clusterArn, serviceArn, serviceDeploymentArn, shortName } from './arns.ts';
import { findCluster } from './clusters.ts';
import type { EcsContext } from './context.ts';
import type { ShiftRecord } from './records.ts';

/** Canary and blue/green deployments as the API tells them; rolling deployments are told by DescribeServices alone here. */
export function serviceDeploymentOperations(context: EcsContext): Record<string, Operation> {
  const { cloud, records } = context;
  const arnOf = ({ cluster, service, id }: ShiftRecord): string =>
    serviceDeploymentArn(cloud, { cluster, service, id });
  const find = (arn: string): ShiftRecord | undefined => records.shifts.list().find((shift) => arnOf(shift) === arn);
  const brief = (shift: ShiftRecord): sdk.ServiceDeploymentBrief => ({
    serviceDeploymentArn: arnOf(shift),
    serviceArn: serviceArn(cloud, shift.cluster, shift.service),
    clusterArn: clusterArn(cloud, shift.cluster),
    createdAt: new Date(shift.createdAt),
    startedAt: new Date(shift.createdAt),
    status: shift.status,
    ...(shift.reason === '' ? {} : { statusReason: shift.reason }),
    ...(shift.finishedAt === undefined ? {} : { finishedAt: new Date(shift.finishedAt) }),
  });
  const describe = (shift: ShiftRecord): sdk.ServiceDeployment => ({
    ...brief(shift),
    lifecycleStage: shift.stage,
    deploymentConfiguration: records.services.find(shift.cluster, shift.service)?.settings.deploymentConfiguration,
    sourceServiceRevisions: [{ arn: shift.source, requestedProductionTrafficWeight: 100 - shift.percent }],
    targetServiceRevision: { arn: shift.target, requestedProductionTrafficWeight: shift.percent },
  });
  return {
    ListServiceDeployments(input: Input<sdk.ListServiceDeploymentsRequest>) {
      const { name } = findCluster(context, input.cluster);
      const shifts = records.shifts.list(name, shortName(input.service ?? ''));
      const wanted = shifts.filter(({ status }) => !input.status?.length || input.status.includes(status));
      const newest = wanted.toSorted((left, right) => right.createdAt - left.createdAt);
      return { serviceDeployments: newest.slice(0, input.maxResults ?? 100).map(brief) };
    },
    DescribeServiceDeployments(input: Input<sdk.DescribeServiceDeploymentsRequest>) {
      const found = (input.serviceDeploymentArns ?? []).map((arn) => ({ arn, shift: find(arn) }));
      return {
        serviceDeployments: found.flatMap(({ shift }) => (shift ? [describe(shift)] : [])),
        failures: found.flatMap(({ arn, shift }) => (shift ? [] : [{ arn, reason: 'MISSING' }])),
      };
    },
    StopServiceDeployment(input: Input<sdk.StopServiceDeploymentRequest>) {
      const shift = find(input.serviceDeploymentArn ?? '');
      if (!shift) throw new AwsError('ServiceDeploymentNotFoundException', 'The service deployment was not found.');
      if (input.stopType === 'ABORT')
        throw new AwsError('UnsupportedFeatureException', 'The local cloud stops deployments with ROLLBACK only.');
      if (shift.status === 'IN_PROGRESS') {
        records.shifts.save({ ...shift, status: 'ROLLBACK_IN_PROGRESS', reason: 'Rollback was requested' });
        context.wake({ cluster: shift.cluster, name: shift.service });
      }
      return { serviceDeploymentArn: input.serviceDeploymentArn };
    },
  };
}
