import type { Store } from '../../state/store.ts';
import type { ResourceRecord } from '../../terraform/engine/definition.ts';
import type { RequestFacts } from './routing.ts';

/** What a firewall answers instead of a load balancer. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Why a request to a load balancer is not let through; undefined: it is. */
export type Firewall = (balancerArn: string, facts: RequestFacts) => Refusal | undefined;

type Test = (facts: RequestFacts) => boolean;
interface Rule {
  readonly test: Test;
  readonly refusal: Refusal;
}
type Block = Readonly<Record<string, unknown>>;

/** On AWS a change takes seconds to minutes to reach all places that requests come to. */
const READ_AGAIN_MS = 250;
const FORBIDDEN = 403;

/**
 * The web ACLs of load balancers, as Terraform recorded them: rules that block by method, path, query or a header. What needs Amazon's own lists or a memory of
 * requests (managed groups, rates, addresses) lets everything through here.
 */
export function createFirewall(store: Store, now: () => number = () => performance.now()): Firewall {
  const acls = store.collection<ResourceRecord>('terraform/aws_wafv2_web_acl');
  const associations = store.collection<ResourceRecord>('terraform/aws_wafv2_web_acl_association');
  let rules: ReadonlyMap<string, readonly Rule[]> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;

  function read(): void {
    const byArn = new Map(acls.entries().map(([, { attributes }]) => [attributes['arn'], attributes['rule']]));
    rules = new Map(
      associations
        .entries()
        .map(([, { attributes }]) => [
          String(attributes['resource_arn']),
          rulesOf(byArn.get(attributes['web_acl_arn'])),
        ]),
    );
    readAt = now();
  }

  return (balancerArn, facts) => {
    if (now() - readAt >= READ_AGAIN_MS) read();
    return rules.get(balancerArn)?.find(({ test }) => test(facts))?.refusal;
  };
}

function rulesOf(all: unknown): readonly Rule[] {
  return blocks(all)
    .toSorted((left, right) => Number(left['priority']) - Number(right['priority']))
    .flatMap((rule) => {
      const [block] = blocks(first(rule['action'])['block']);
      const test = compile(first(rule['statement']));
      return block === undefined || test === undefined ? [] : [{ test, refusal: refusalOf(block) }];
    });
}

function refusalOf(block: Block): Refusal {
  const custom = first(block['custom_response']);
  const headers = blocks(custom['response_header']).map(({ name, value }) => [String(name), String(value)]);
  return { status: Number(custom['response_code'] ?? FORBIDDEN), headers: Object.fromEntries(headers) };
}

/** A statement, or undefined when it is one of those that are not evaluated, or holds one. */
function compile(statement: Block): Test | undefined {
  const [kind] = Object.keys(statement).filter((key) => blocks(statement[key]).length > 0);
  const inner = kind === undefined ? {} : first(statement[kind]);
  switch (kind) {
    case 'and_statement':
      return combine(inner, (tests) => (facts) => tests.every((test) => test(facts)));
    case 'or_statement':
      return combine(inner, (tests) => (facts) => tests.some((test) => test(facts)));
    case 'not_statement':
      return combine(
        inner,
        ([test]) =>
          (facts) =>
            test?.(facts) === false,
      );
    case 'byte_match_statement':
      return byteMatch(inner);
    default:
      return undefined;
  }
}

function combine(inner: Block, join: (tests: readonly Test[]) => Test): Test | undefined {
  const tests = blocks(inner['statement']).map(compile);
  const known = tests.filter((test) => test !== undefined);
  return known.length === tests.length ? join(known) : undefined;
}

const POSITIONS: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  EXACTLY: (text, wanted) => text === wanted,
  CONTAINS: (text, wanted) => text.includes(wanted),
  STARTS_WITH: (text, wanted) => text.startsWith(wanted),
  ENDS_WITH: (text, wanted) => text.endsWith(wanted),
};
const TRANSFORMATIONS: Readonly<Record<string, (text: string) => string>> = {
  NONE: (text) => text,
  LOWERCASE: (text) => text.toLowerCase(),
  // What is no escape stays as it is, as WAF does it: whatever a stranger sends, the request gets an answer.
  URL_DECODE: (text) =>
    text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
};

function byteMatch(statement: Block): Test | undefined {
  const holds = POSITIONS[String(statement['positional_constraint'])];
  const steps = blocks(statement['text_transformation'])
    .toSorted((left, right) => Number(left['priority']) - Number(right['priority']))
    .map(({ type }) => TRANSFORMATIONS[String(type)]);
  const read = reader(first(statement['field_to_match']));
  if (holds === undefined || read === undefined || steps.some((step) => step === undefined)) return undefined;
  const wanted = String(statement['search_string']);
  return (facts) => {
    const text = read(facts);
    return (
      text !== undefined &&
      holds(
        steps.reduce((changed, step) => step?.(changed) ?? changed, text),
        wanted,
      )
    );
  };
}

function reader(field: Block): ((facts: RequestFacts) => string | undefined) | undefined {
  const [header] = blocks(field['single_header']);
  if (header !== undefined) {
    const name = String(header['name']).toLowerCase();
    return ({ headers }) => (headers[name] === undefined ? undefined : [headers[name]].flat().join(','));
  }
  if (blocks(field['method']).length > 0) return ({ method }) => method;
  if (blocks(field['uri_path']).length > 0) return ({ path }) => path;
  return blocks(field['query_string']).length > 0 ? ({ query }) => query : undefined;
}

const blocks = (value: unknown): readonly Block[] => [(value ?? []) as Block | readonly Block[]].flat();
const first = (value: unknown): Block => blocks(value)[0] ?? {};
