import { isIP } from 'node:net';
import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  RegisterTargetsInput,
  TargetDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operation } from '../kit/service.ts';
import { find, type Records, type TargetGroupRecord } from './records.ts';
import type { Target } from './target.ts';
import type { TargetPool } from './target-pool.ts';

export function targetOperations(records: Records, pool: TargetPool): Record<string, Operation> {
  return {
    RegisterTargets({ TargetGroupArn, Targets = [] }: RegisterTargetsInput) {
      const group = find(records, 'targetGroups', TargetGroupArn);
      for (const target of Targets) checkTarget(group, target);
      for (const { Id = '', Port } of Targets) pool.register(group.arn, Id, Port ?? group.port ?? 0);
      return {};
    },
    DeregisterTargets({ TargetGroupArn, Targets = [] }: DeregisterTargetsInput) {
      const group = find(records, 'targetGroups', TargetGroupArn);
      for (const { Id = '', Port } of Targets) void pool.deregister(group.arn, Id, Port ?? group.port ?? 0);
      return {};
    },
    DescribeTargetHealth({ TargetGroupArn, Targets }: DescribeTargetHealthInput) {
      const group = find(records, 'targetGroups', TargetGroupArn);
      const live = pool.targets(group.arn);
      if (!Targets?.length) return { TargetHealthDescriptions: live.map((target) => view(group, target)) };
      return { TargetHealthDescriptions: Targets.map((wanted) => describe(group, live, wanted)) };
    },
  };
}

function checkTarget(group: TargetGroupRecord, { Id = '' }: TargetDescription): void {
  if (group.targetType === 'instance') {
    throw new AwsError('InvalidTargetException', `The local cloud has no instances, so '${Id}' cannot be a target`);
  }
  const valid = group.targetType === 'ip' ? isIP(Id) > 0 : Id.startsWith('arn:aws:lambda:');
  if (!valid) throw new AwsError('InvalidTargetException', `'${Id}' is not a target of type ${group.targetType}`);
}

function describe(
  group: TargetGroupRecord,
  live: readonly Target[],
  { Id = '', Port = group.port ?? 0 }: TargetDescription,
): TargetHealthDescription {
  const target = live.find(({ id, port }) => id === Id && port === Port);
  if (target) return view(group, target);
  return {
    Target: { Id, Port },
    TargetHealth: {
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    },
  };
}

function view(group: TargetGroupRecord, { id, port, health }: Target): TargetHealthDescription {
  const TargetHealth = {
    State: health.state,
    Reason: health.reason,
    Description: health.description,
  } as TargetHealthDescription['TargetHealth'];
  if (group.targetType === 'lambda') return { Target: { Id: id }, TargetHealth };
  const checked = group.healthCheck.port === 'traffic-port' ? port : group.healthCheck.port;
  return { Target: { Id: id, Port: port }, HealthCheckPort: String(checked), TargetHealth };
}
