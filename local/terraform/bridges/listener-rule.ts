import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { block, blocks, number, requireText, text, texts, type Value, type Values } from '../schema/value.ts';
import { changed, tagList } from './common.ts';
import { changeElbTags, ELB, elbTags } from './elb-common.ts';
import { ACTION_TYPES, type Action, fromActions, redirectDefaults, toActions } from './listener-actions.ts';

const GONE = ['RuleNotFoundException', 'ListenerNotFoundException'];

interface Condition {
  readonly Field?: string;
  readonly Values?: string[];
  readonly HostHeaderConfig?: { readonly Values?: string[] };
  readonly PathPatternConfig?: { readonly Values?: string[] };
  readonly HttpHeaderConfig?: { readonly HttpHeaderName?: string; readonly Values?: string[] };
  readonly HttpRequestMethodConfig?: { readonly Values?: string[] };
  readonly SourceIpConfig?: { readonly Values?: string[] };
  readonly QueryStringConfig?: { readonly Values?: readonly { readonly Key?: string; readonly Value?: string }[] };
}

interface Rule {
  readonly RuleArn: string;
  readonly Priority: string;
  readonly Conditions?: Condition[];
  readonly Actions?: Action[];
}

const backend: Backend = {
  async create(planned, context) {
    const ListenerArn = requireText(planned, 'listener_arn');
    const { Rules } = await context.call<{ Rules: [Rule] }>(ELB, 'CreateRule', {
      ListenerArn,
      Priority: number(planned, 'priority') ?? (await nextPriority(ListenerArn, context)),
      Conditions: blocks(planned, 'condition').map(toCondition),
      Actions: toActions(blocks(planned, 'action')),
      Tags: tagList(planned),
    });
    const [{ RuleArn: arn }] = Rules;
    return { id: arn, arn };
  },
  async read(state, context) {
    const RuleArns = [requireText(state, 'id')];
    const answer = await absentOn(GONE, () => context.call<{ Rules?: Rule[] }>(ELB, 'DescribeRules', { RuleArns }));
    const rule = answer?.Rules?.[0];
    if (!rule) return undefined;
    return {
      id: rule.RuleArn,
      arn: rule.RuleArn,
      listener_arn: rule.RuleArn.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, ''),
      priority: Number(rule.Priority),
      condition: (rule.Conditions ?? []).map(fromCondition),
      action: fromActions(rule.Actions, blocks(state, 'action')),
      tags_all: await elbTags(rule.RuleArn, context),
    };
  },
  async update(prior, planned, context) {
    const RuleArn = requireText(prior, 'id');
    if (changed(prior, planned, ['priority'])) {
      const RulePriorities = [{ RuleArn, Priority: number(planned, 'priority') }];
      await context.call(ELB, 'SetRulePriorities', { RulePriorities });
    }
    if (changed(prior, planned, ['action', 'condition'])) {
      const Conditions = blocks(planned, 'condition').map(toCondition);
      await context.call(ELB, 'ModifyRule', { RuleArn, Conditions, Actions: toActions(blocks(planned, 'action')) });
    }
    await changeElbTags(RuleArn, prior, planned, context);
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(ELB, 'DeleteRule', { RuleArn: requireText(state, 'id') }));
  },
  importState: (id) => ({ id, arn: id }),
};

async function nextPriority(ListenerArn: string, context: Context): Promise<number> {
  const { Rules = [] } = await context.call<{ Rules?: Rule[] }>(ELB, 'DescribeRules', { ListenerArn });
  const priorities = Rules.map(({ Priority }) => Number(Priority)).filter(Number.isInteger);
  return Math.max(0, ...priorities) + 1;
}

/** Block of a condition -> field and configuration of the API, for those that only hold values. */
const PLAIN = {
  host_header: ['host-header', 'HostHeaderConfig'],
  http_request_method: ['http-request-method', 'HttpRequestMethodConfig'],
  path_pattern: ['path-pattern', 'PathPatternConfig'],
  source_ip: ['source-ip', 'SourceIpConfig'],
} as const;

function toCondition(condition: Values): object {
  for (const [name, [Field, config]] of Object.entries(PLAIN)) {
    const values = block(condition, name);
    if (values) return { Field, [config]: { Values: texts(values, 'values') } };
  }
  const header = block(condition, 'http_header');
  if (header) {
    const HttpHeaderConfig = { HttpHeaderName: text(header, 'http_header_name'), Values: texts(header, 'values') };
    return { Field: 'http-header', HttpHeaderConfig };
  }
  const pairs = blocks(condition, 'query_string').map((pair) => ({
    Key: text(pair, 'key'),
    Value: text(pair, 'value'),
  }));
  return { Field: 'query-string', QueryStringConfig: { Values: pairs } };
}

function fromCondition(condition: Condition): Values {
  const { HttpHeaderConfig: header, QueryStringConfig: query } = condition;
  const plain = Object.entries(PLAIN).map(([name, [field, config]]): [string, Value] => {
    if (condition.Field !== field) return [name, []];
    return [name, [{ values: condition[config]?.Values ?? condition.Values ?? [] }]];
  });
  return {
    ...Object.fromEntries(plain),
    http_header: header ? [{ http_header_name: header.HttpHeaderName ?? '', values: header.Values ?? [] }] : [],
    query_string: (query?.Values ?? []).map(({ Key, Value }) => ({ key: Key ?? null, value: Value ?? '' })),
  };
}

export const listenerRule: ResourceDefinition = {
  backend,
  defaults: redirectDefaults('action'),
  forceNew: ['listener_arn'],
  oneOf: { 'action.type': ACTION_TYPES, 'action.redirect.status_code': ['HTTP_301', 'HTTP_302'] },
  validate(config) {
    const priority = number(config, 'priority');
    if (priority === undefined || (priority >= 1 && priority <= 50000)) return [];
    return [
      { path: ['priority'], summary: `expected priority to be in the range (1 - 50000), got ${priority}`, detail: '' },
    ];
  },
};
