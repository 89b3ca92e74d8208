import { stateBucketName } from '../../manifest/names.ts';
import { inspectStack } from '../../plan/inspect.ts';
import { isRecord, mayRead, ownNames, type Preview, previewBoundary } from './names.ts';
import { inspectResource } from './resources.ts';

/** More than that is no preview. */
const MOST_RESOURCES = 500;

/**
 * Why a stack that a pull request's own code synthesized is not applied; empty: it is a preview of that pull request and nothing else. It is applied with the
 * identity of all previews, which IAM keeps away from staging and production; this look keeps it to one preview and to its own part of the listener. Pure.
 */
export function inspectFullPreview(json: unknown, about: Pick<Preview, 'project' | 'environment'>): readonly string[] {
  const { project, environment } = about;
  const stack = `preview-${environment}`;
  const basic = inspectStack(stack, json, stateBucketName(project));
  if (basic.length > 0 || !isRecord(json)) return basic;
  const { resource, data, provider, terraform: _, output: __, '//': ___, ...others } = json;
  const preview = { ...about, read: parametersRead(data) };
  const all = entriesOf(resource);
  return [
    ...Object.keys(others).map((key) => `"${key}" is not used by previews`),
    ...entriesOf(data).flatMap(([type, name, value]) =>
      type === 'aws_ssm_parameter' && mayRead(project, String(Object(value).name))
        ? []
        : [`data.${type}.${name} reads what is none of a preview's business`],
    ),
    ...(isOwnProvider(provider, about) ? [] : ["the provider has not this preview's account, region and tags"]),
    ...all.flatMap(([type, name, value]) =>
      inspectResource(type, value, preview).map((what) => `${type}.${name} ${what}`),
    ),
    ...(all.length > MOST_RESOURCES ? [`has ${all.length} resources, more than ${MOST_RESOURCES}`] : []),
    ...findings({ resource, output: json['output'] }, preview),
  ].map((what) => `${stack}: ${what}`);
}

type Entry = readonly [type: string, name: string, value: unknown];

const entriesOf = (kinds: unknown): readonly Entry[] =>
  Object.entries(isRecord(kinds) ? kinds : {}).flatMap(([type, named]) =>
    Object.entries(isRecord(named) ? named : {}).map(([name, value]): Entry => [type, name, value]),
  );

const parametersRead = (data: unknown): ReadonlyMap<string, string> =>
  new Map(entriesOf(data).map(([type, name, value]) => [`data.${type}.${name}`, String(Object(value).name)]));

function isOwnProvider(provider: unknown, { project, environment }: Pick<Preview, 'project' | 'environment'>): boolean {
  const all = [Object(provider).aws].flat();
  const [{ region, allowed_account_ids: accounts, default_tags: tags, ...others }] = all.map(Object);
  const own = { Application: project.app, Environment: environment };
  const set = Object([tags].flat()[0]).tags ?? {};
  return (
    all.length === 1 &&
    Object.keys(others).length === 0 &&
    region === project.region &&
    JSON.stringify(accounts) === JSON.stringify([project.accountId]) &&
    Object.entries(own).every(([key, value]) => set[key] === value)
  );
}

/** All that expressions may do: name something of the stack, take a part of a list, and read a seed. */
const EXPRESSIONS = [
  /^(?:data\.)?aws_\w+\.[\w-]+\.\w+$/,
  /^element\(split\(",", data\.aws_ssm_parameter\.[\w-]+\.insecure_value\), [01]\)$/,
  /^path\.module$/,
];
const SEED = /^\$\{filebase64\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/services\/[\w./-]+"\)\}$/;
const EXPRESSION = /\$\{([^{}]*)\}/g;
/** What AWS itself has named: found through parameters, never written down. */
const IDENTITY = /\b(?:sg|subnet|vpc|eni|vpce)-[0-9a-f]{8,17}\b/g;
const ARN = /\barn:aws[\w-]*:[^\s"',]*/g;

/** What no text of the stack may hold, wherever it stands. */
function findings(value: unknown, preview: Preview, key = ''): readonly string[] {
  if (typeof value === 'string') return SEED.test(value) ? [] : inText(value, preview).map((what) => `${key} ${what}`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === '//' ? [] : findings(part, preview, key ? `${key}.${name}` : name),
  );
}

function inText(text: string, { project, environment }: Preview): readonly string[] {
  const { arn } = ownNames({ project, environment });
  const expressions = [...text.matchAll(EXPRESSION)].map(([, inner = '']) => inner);
  const rest = text.replace(EXPRESSION, '');
  return [
    ...expressions.flatMap((one) => (EXPRESSIONS.some((known) => known.test(one)) ? [] : [`computes ${one}`])),
    ...(/[$%]\{/.test(rest) ? [`computes ${rest}`] : []),
    ...(rest.match(ARN) ?? []).flatMap((one) =>
      arn.test(one) || one === previewBoundary(project) ? [] : [`names ${one}`],
    ),
    ...(rest.match(IDENTITY) ?? []).map((one) => `names ${one}`),
    ...(text.match(/\bpr-(?:\d+|[*?])/g) ?? []).flatMap((one) =>
      one === environment ? [] : [`names another preview, ${one}`],
    ),
  ];
}
