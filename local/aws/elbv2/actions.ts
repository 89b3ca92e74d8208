import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../kit/service.ts';

const SUPPORTED: readonly (string | undefined)[] = ['forward', 'fixed-response', 'redirect'];

/** Target groups that actions forward to. */
export function forwardedGroups(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => [
    ...(action.TargetGroupArn ? [action.TargetGroupArn] : []),
    ...(action.ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []),
  ]);
}

/** Actions as Elastic Load Balancing describes them: ordered, and with both ways to say where a forward goes. */
export function normaliseActions(actions: readonly Action[] = []): readonly Action[] {
  return actions.map((action, index) => {
    if (!SUPPORTED.includes(action.Type)) {
      throw new AwsError(
        'InvalidLoadBalancerActionException',
        `The local cloud does not support listener actions of type '${action.Type}'`,
      );
    }
    const order = actions.length > 1 ? { Order: action.Order ?? index + 1 } : {};
    return action.Type === 'forward' ? { ...forward(action), ...order } : { ...action, ...order };
  });
}

function forward(action: Action): Action {
  const groups = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }];
  const only = groups.length === 1 ? { TargetGroupArn: groups[0]?.TargetGroupArn } : {};
  return {
    ...action,
    ...only,
    ForwardConfig: {
      TargetGroups: groups.map(({ TargetGroupArn, Weight = 1 }) => ({ TargetGroupArn, Weight })),
      TargetGroupStickinessConfig: action.ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false },
    },
  };
}
