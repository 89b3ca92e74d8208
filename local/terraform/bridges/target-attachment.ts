import { randomUUID } from 'node:crypto';
import { absentOn } from '../engine/context.ts';
import type { Backend, ResourceDefinition } from '../engine/definition.ts';
import { number, requireText, text, type Values } from '../schema/value.ts';
import { ELB } from './elb-common.ts';

const GONE = ['TargetGroupNotFoundException', 'InvalidTarget'];

interface Health {
  readonly TargetHealth?: { readonly State?: string; readonly Reason?: string };
}

const targets = (values: Values) => ({
  TargetGroupArn: requireText(values, 'target_group_arn'),
  Targets: [
    {
      Id: requireText(values, 'target_id'),
      Port: number(values, 'port'),
      AvailabilityZone: text(values, 'availability_zone'),
    },
  ],
});

const backend: Backend = {
  async create(planned, context) {
    await context.call(ELB, 'RegisterTargets', targets(planned));
    return { id: `${requireText(planned, 'target_group_arn')}-${randomUUID()}` };
  },
  async read(state, context) {
    const answer = await absentOn(GONE, () =>
      context.call<{ TargetHealthDescriptions?: Health[] }>(ELB, 'DescribeTargetHealth', targets(state)),
    );
    const health = answer?.TargetHealthDescriptions?.[0]?.TargetHealth;
    const isRegistered =
      health && !['Target.NotRegistered', 'Target.DeregistrationInProgress'].includes(health.Reason ?? '');
    return isRegistered ? {} : undefined;
  },
  async update() {
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(ELB, 'DeregisterTargets', targets(state)));
  },
};

export const targetAttachment: ResourceDefinition = {
  backend,
  forceNew: ['availability_zone', 'port', 'target_group_arn', 'target_id'],
};
