import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeErrors } from '../../pipeline/manifest/result.ts';
import { edit } from '../controls/paths.ts';
import { checkStack } from './check.ts';
import { isJson, type Json } from './problem.ts';
import { loadProviderSchema } from './provider-schema.ts';
import { VALUE_RULES, type ValueRule } from './value-rules.ts';

const ROOT = join(import.meta.dirname, '../..');
const schema = loadProviderSchema(ROOT);
const folder = mkdtempSync(join(tmpdir(), 'slipway-semantics-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { status, stderr } = spawnSync(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', 'stacks/testing/everything.ts'],
  { cwd: ROOT, env: { ...process.env, CDKTF_OUTDIR: folder }, encoding: 'utf8' },
);
if (status !== 0) throw new Error(stderr);
const stacks = readdirSync(join(folder, 'stacks')).map((id) => ({
  id,
  json: JSON.parse(readFileSync(join(folder, 'stacks', id, 'cdk.tf.json'), 'utf8')) as Json,
}));

const stackOf = (resource: Json): string => describeErrors(checkStack('one', { resource }, schema));
/** What Terraform fills in. */
const expression = (text: string): string => `\${${text}}`;
const queue = (value: Json): Json => ({ aws_sqs_queue: { one: value } });

test('every stack with every construct is right: keys, values, references', () => {
  for (const { id, json } of stacks) expect(describeErrors(checkStack(id, json, schema))).toBe('');
});

test.each<[string, Json, RegExp]>([
  ['an unknown type', { aws_nonsense: { one: {} } }, /one: aws_nonsense\.one: is a type that is not known here/],
  ['an unknown argument', queue({ nmae: 'x' }), /aws_sqs_queue\.one\.nmae = "x": .*does not know\. Use one of arn, /],
  ['camel case', queue({ delaySeconds: 1 }), /delaySeconds/],
  ['what the provider computes', queue({ arn: 'x' }), /arn = "x": is computed/],
  [
    'a missing argument',
    { aws_sqs_queue_policy: { one: { queue_url: 'x' } } },
    /aws_sqs_queue_policy\.one\.policy: is missing/,
  ],
  ['a text for a number', queue({ delay_seconds: 'soon' }), /delay_seconds = "soon": is no number/],
  ['a name that is too long', queue({ name: 'a'.repeat(81) }), /has 81 characters, at most 80/],
  [
    'a reference to nothing',
    queue({ kms_master_key_id: expression('aws_kms_key.none.arn') }),
    /"aws_kms_key\.none": refers to something/,
  ],
  [
    'a reference to no attribute',
    {
      aws_sqs_queue: { one: {} },
      aws_sqs_queue_policy: { two: { queue_url: expression('aws_sqs_queue.one.adress'), policy: '{}' } },
    },
    /"aws_sqs_queue\.one\.adress": refers to an attribute/,
  ],
  [
    'a dependency on nothing',
    { aws_sqs_queue: { one: { depends_on: ['aws_sqs_queue.two'] } } },
    /"aws_sqs_queue\.two": refers to something/,
  ],
  [
    'a circle',
    {
      aws_sqs_queue: {
        one: { policy: expression('aws_sqs_queue.two.arn') },
        two: { policy: expression('jsonencode(aws_sqs_queue.one.arn)') },
      },
    },
    /"aws_sqs_queue\.one -> aws_sqs_queue\.two -> aws_sqs_queue\.one": waits for itself/,
  ],
  [
    'one name twice',
    { aws_sqs_queue: { one: { name: 'a' }, two: { name: 'a' } } },
    /two\.name = "a": is also the name of aws_sqs_queue\.one/,
  ],
  [
    'scaling the wrong way round',
    { aws_appautoscaling_target: { one: { ...scaling(), min_capacity: 3, max_capacity: 2 } } },
    /min_capacity = 3: is more than max_capacity/,
  ],
])('%s is found', (_, resource, message) => {
  expect(stackOf(resource)).toMatch(message);
});

function scaling(): Json {
  return { resource_id: 'x', scalable_dimension: 'x', service_namespace: 'ecs' };
}

test('what stands in quotes inside of an expression refers to nothing', () => {
  expect(stackOf(queue({ policy: expression('format("aws_kms_key.none.arn %s", "x")'), name: 'x' }))).toBe('');
  expect(stackOf(queue({ policy: `$${expression('aws_kms_key.none.arn')}` }))).toBe('');
});

describe('rules about values', () => {
  const used = VALUE_RULES.filter((rule) => resourceWith(rule) !== undefined);

  test('nearly all of them are about something that the stacks set', () => {
    expect(used.length).toBeGreaterThan(VALUE_RULES.length * 0.9);
  });

  test.each(used.map((rule) => [`${rule.type}.${rule.path}`, rule] as const))('%s', (_, rule) => {
    const resource = resourceWith(rule);
    if (resource === undefined) throw new Error('nothing sets it');
    const spoiled = edit(resource, rule.path, (holder, name) => {
      const bad = badValue(rule);
      holder[name] = Array.isArray(holder[name]) ? [bad] : bad;
    });
    const problems = checkStack('one', { resource: { [rule.type]: { one: spoiled } } }, schema);
    expect(problems.map(({ field }) => field)).toContain(`${rule.type}.one.${rule.path}`);
  });
});

/** Some resource of the type that sets the argument. */
function resourceWith({ type, path }: ValueRule): Json | undefined {
  const [first = ''] = path.split('.');
  return stacks
    .flatMap(({ json }) =>
      Object.values((isJson(json['resource']) ? (json['resource'][type] as Json) : undefined) ?? {}),
    )
    .filter(isJson)
    .find((resource) => resource[first] !== undefined);
}

function badValue({ rule }: ValueRule): unknown {
  if ('oneOf' in rule) return rule.oneOf.every((one) => typeof one === 'number') ? 12_345 : 'nonsense';
  return 'from' in rule ? rule.to + 1 : 'a'.repeat(rule.longest + 1);
}

test('main.ts refuses a stack that AWS would refuse, before any plan', () => {
  const domain = `${'long.'.repeat(14)}example`;
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'main.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDKTF_OUTDIR: join(folder, 'refused'),
      SLIPWAY_STACKS: 'production-platform',
      SLIPWAY_DOMAIN: domain,
    },
    encoding: 'utf8',
  });
  expect(stderr).toContain('production-platform: aws_acm_certificate.certificate_');
  expect(stderr).toContain('has 77 characters, at most 64 are allowed');
  expect(status).toBe(1);
});
