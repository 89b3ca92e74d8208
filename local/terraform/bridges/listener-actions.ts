import { block, blocks, flag, number, text, type Value, type Values } from '../schema/value.ts';
import { orNull } from './common.ts';

/** An action of a listener or a rule, as the API has it. */
export interface Action {
  readonly Type?: string;
  readonly Order?: number;
  readonly TargetGroupArn?: string;
  readonly ForwardConfig?: {
    readonly TargetGroups?: readonly { readonly TargetGroupArn?: string; readonly Weight?: number }[];
    readonly TargetGroupStickinessConfig?: { readonly Enabled?: boolean; readonly DurationSeconds?: number };
  };
  readonly RedirectConfig?: Readonly<
    Record<'Host' | 'Path' | 'Port' | 'Protocol' | 'Query' | 'StatusCode', string | undefined>
  >;
  readonly FixedResponseConfig?: {
    readonly ContentType?: string;
    readonly MessageBody?: string;
    readonly StatusCode?: string;
  };
}

/** Defaults of a redirect: what is left out stays as in the request. */
export const redirectDefaults = (prefix: string): Record<string, Value> => ({
  [`${prefix}.redirect.host`]: '#{host}',
  [`${prefix}.redirect.path`]: '/#{path}',
  [`${prefix}.redirect.port`]: '#{port}',
  [`${prefix}.redirect.protocol`]: '#{protocol}',
  [`${prefix}.redirect.query`]: '#{query}',
  [`${prefix}.forward.target_group.weight`]: 1,
  [`${prefix}.forward.stickiness.enabled`]: false,
});

export const ACTION_TYPES = [
  'forward',
  'redirect',
  'fixed-response',
  'authenticate-cognito',
  'authenticate-oidc',
  'jwt-validation',
];

export function toActions(actions: readonly Values[]): Action[] {
  return actions.map((action, index) => ({
    Type: text(action, 'type') ?? 'forward',
    Order: number(action, 'order') ?? index + 1,
    ...forward(action),
    ...redirect(block(action, 'redirect')),
    ...fixedResponse(block(action, 'fixed_response')),
  }));
}

function forward(action: Values): Partial<Action> {
  const TargetGroupArn = text(action, 'target_group_arn');
  if (TargetGroupArn) return { TargetGroupArn };
  const weighted = block(action, 'forward');
  if (!weighted) return {};
  const TargetGroups = blocks(weighted, 'target_group').map((group) => ({
    TargetGroupArn: text(group, 'arn') ?? '',
    Weight: number(group, 'weight') ?? 1,
  }));
  const sticky = block(weighted, 'stickiness');
  const TargetGroupStickinessConfig = sticky
    ? { Enabled: flag(sticky, 'enabled') ?? false, DurationSeconds: number(sticky, 'duration') ?? 1 }
    : undefined;
  return { ForwardConfig: { TargetGroups, ...(TargetGroupStickinessConfig ? { TargetGroupStickinessConfig } : {}) } };
}

function redirect(values: Values | undefined): Partial<Action> {
  if (!values) return {};
  const RedirectConfig = {
    Host: text(values, 'host'),
    Path: text(values, 'path'),
    Port: text(values, 'port'),
    Protocol: text(values, 'protocol'),
    Query: text(values, 'query'),
    StatusCode: text(values, 'status_code'),
  };
  return { RedirectConfig };
}

function fixedResponse(values: Values | undefined): Partial<Action> {
  if (!values) return {};
  const FixedResponseConfig = {
    ContentType: text(values, 'content_type') ?? 'text/plain',
    MessageBody: text(values, 'message_body') ?? '',
    StatusCode: text(values, 'status_code') ?? '200',
  };
  return { FixedResponseConfig };
}

/** Actions as the state has them. A forward to one group may be written in two ways; `state` says which one the user chose. */
export function fromActions(actions: readonly Action[] = [], state: readonly Values[]): Value {
  return actions.map((action, index) => {
    const isWeighted = blocks(state[index], 'forward').length > 0;
    const groups = action.ForwardConfig?.TargetGroups ?? [];
    const single = action.TargetGroupArn ?? groups[0]?.TargetGroupArn ?? null;
    return {
      type: action.Type ?? 'forward',
      order: action.Order ?? index + 1,
      target_group_arn: isWeighted || groups.length > 1 ? null : single,
      forward: isWeighted || groups.length > 1 ? [fromForward(action)] : [],
      redirect: action.RedirectConfig ? [fromRedirect(action.RedirectConfig)] : [],
      fixed_response: action.FixedResponseConfig ? [fromFixedResponse(action.FixedResponseConfig)] : [],
    };
  });
}

function fromForward({ ForwardConfig, TargetGroupArn }: Action): Values {
  const groups = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: TargetGroupArn ?? '', Weight: 1 }];
  const sticky = ForwardConfig?.TargetGroupStickinessConfig;
  return {
    target_group: groups.map((group) => ({ arn: group.TargetGroupArn ?? '', weight: group.Weight ?? 1 })),
    stickiness: sticky?.DurationSeconds ? [{ enabled: sticky.Enabled ?? false, duration: sticky.DurationSeconds }] : [],
  };
}

const fromRedirect = (config: NonNullable<Action['RedirectConfig']>): Values => ({
  host: config.Host ?? '#{host}',
  path: config.Path ?? '/#{path}',
  port: config.Port ?? '#{port}',
  protocol: config.Protocol ?? '#{protocol}',
  query: config.Query ?? '#{query}',
  status_code: orNull(config.StatusCode),
});

const fromFixedResponse = (config: NonNullable<Action['FixedResponseConfig']>): Values => ({
  content_type: orNull(config.ContentType),
  message_body: orNull(config.MessageBody),
  status_code: orNull(config.StatusCode),
});
