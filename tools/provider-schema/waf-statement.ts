import type { Block, CtyType, NestedBlock } from '../../local/terraform/schema/types.ts';

/**
 * The statement of a web ACL rule. Statements contain statements, so the bindings give up and call them `any`; this is the
 * part of https://registry.terraform.io/providers/hashicorp/aws/6.25.0/docs/resources/wafv2_web_acl#statement-block that stacks
 * use, with logical statements in logical statements and no deeper (the provider takes one level more).
 */
export function wafStatement(): NestedBlock {
  const logicalWith =
    (inner: Record<string, NestedBlock>) =>
    (limits: { min: number; max?: number }): NestedBlock =>
      once(block({}, { statement: { nesting: 'list', ...limits, block: block({}, inner) } }));
  const logical = logicalWith(simpleStatements());
  const deepLogical = logicalWith({ ...simpleStatements(), ...logicalOf(logical) });
  const rateBased = block(
    { limit: required('number'), aggregate_key_type: optional('string'), evaluation_window_sec: optional('number') },
    {
      scope_down_statement: once(block({}, { ...simpleStatements(), ...logicalOf(logical) })),
      forwarded_ip_config: once(forwardedIp()),
    },
  );
  const managed = block(
    { name: required('string'), vendor_name: required('string'), version: optional('string') },
    {
      rule_action_override: {
        nesting: 'list',
        max: 100,
        block: block(
          { name: required('string') },
          { action_to_use: { nesting: 'list', min: 1, max: 1, block: actions() } },
        ),
      },
      scope_down_statement: once(block({}, { ...simpleStatements(), ...logicalOf(logical) })),
    },
  );
  return once(
    block(
      {},
      {
        ...simpleStatements(),
        ...logicalOf(deepLogical),
        rate_based_statement: once(rateBased),
        managed_rule_group_statement: once(managed),
      },
    ),
  );
}

const logicalOf = (logical: (limits: { min: number; max?: number }) => NestedBlock): Record<string, NestedBlock> => ({
  and_statement: logical({ min: 1 }),
  or_statement: logical({ min: 1 }),
  not_statement: logical({ min: 1 }),
});

function simpleStatements(): Record<string, NestedBlock> {
  return {
    byte_match_statement: once(
      block({ positional_constraint: required('string'), search_string: required('string') }, matching()),
    ),
    geo_match_statement: once(
      block({ country_codes: required(['list', 'string']) }, { forwarded_ip_config: once(forwardedIp()) }),
    ),
    ip_set_reference_statement: once(block({ arn: required('string') }, {})),
    label_match_statement: once(block({ key: required('string'), scope: required('string') }, {})),
    regex_match_statement: once(block({ regex_string: required('string') }, matching())),
    size_constraint_statement: once(
      block({ comparison_operator: required('string'), size: required('number') }, matching()),
    ),
    sqli_match_statement: once(block({ sensitivity_level: optional('string') }, matching())),
    xss_match_statement: once(block({}, matching())),
    rule_group_reference_statement: once(block({ arn: required('string') }, {})),
  };
}

function matching(): Record<string, NestedBlock> {
  const named = once(block({ name: required('string') }, {}));
  const oversize = once(block({ oversize_handling: optional('string') }, {}));
  const whole = once(block({}, {}));
  return {
    field_to_match: once(
      block(
        {},
        {
          all_query_arguments: whole,
          body: oversize,
          method: whole,
          query_string: whole,
          single_header: named,
          single_query_argument: named,
          uri_path: whole,
        },
      ),
    ),
    text_transformation: {
      nesting: 'set',
      min: 1,
      block: block({ priority: required('number'), type: required('string') }, {}),
    },
  };
}

function actions(): Block {
  return block(
    {},
    Object.fromEntries(['allow', 'block', 'captcha', 'challenge', 'count'].map((name) => [name, once(block({}, {}))])),
  );
}

const forwardedIp = (): Block => block({ fallback_behavior: required('string'), header_name: required('string') }, {});

const block = (attributes: Block['attributes'], blocks: Block['blocks']): Block => ({ attributes, blocks });
const once = (inner: Block): NestedBlock => ({ nesting: 'list', max: 1, block: inner });
const required = (type: CtyType): readonly [CtyType, string] => [type, 'r'];
const optional = (type: CtyType): readonly [CtyType, string] => [type, 'o'];
