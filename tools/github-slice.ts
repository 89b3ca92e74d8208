/**
 * Cuts the operations that the local GitHub answers out of GitHub's OpenAPI description.
 * Run: `node tools/github-slice.ts <folder>/generated/api.github.com.json`, from the npm package @octokit/openapi (385 MB
 * installed, so it is no dependency: `npm pack @octokit/openapi` and unpack that one file).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OPERATIONS = new Set(
  `issues/get issues/list-comments issues/get-comment issues/create-comment issues/update-comment issues/delete-comment
  issues/list-for-repo issues/create issues/update issues/list-labels-on-issue issues/add-labels issues/remove-label
  pulls/list pulls/get pulls/list-files pulls/create pulls/update pulls/merge
  repos/get repos/get-collaborator-permission-level repos/get-branch repos/get-content repos/list-commits repos/get-commit repos/compare-commits-with-basehead
  repos/list-pull-requests-associated-with-commit git/get-ref git/create-ref git/update-ref git/delete-ref
  repos/list-deployments repos/get-deployment repos/create-deployment repos/delete-deployment
  repos/list-deployment-statuses repos/create-deployment-status repos/get-all-environments repos/get-environment
  actions/list-repo-workflows actions/create-workflow-dispatch actions/list-workflow-runs actions/list-workflow-runs-for-repo
  actions/get-workflow-run actions/get-reviews-for-run actions/cancel-workflow-run actions/list-jobs-for-workflow-run
  actions/list-repo-variables actions/list-environment-variables actions/get-repo-variable actions/create-repo-variable actions/update-repo-variable
  actions/get-custom-oidc-sub-claim-for-repo actions/set-custom-oidc-sub-claim-for-repo`.split(/\s+/),
);
const OUTPUT = join(import.meta.dirname, '..', 'local', 'github', 'generated', 'github-slice.json');

type Json = { [key: string]: unknown };

const [file] = process.argv.slice(2);
if (!file) throw new Error('Usage: node tools/github-slice.ts <path of api.github.com.json>');
const description = JSON.parse(readFileSync(file, 'utf8')) as {
  openapi: string;
  info: Json;
  paths: Record<string, Record<string, Json>>;
  components: Record<string, Record<string, Json>>;
};
const components: Record<string, Record<string, unknown>> = {};
const paths: Record<string, Record<string, unknown>> = {};
const missing = new Set(OPERATIONS);

for (const [path, item] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (!missing.delete(String(operation['operationId']))) continue;
    paths[path] = { ...paths[path], [method]: cutOperation(operation) };
  }
}
if (missing.size > 0) throw new Error(`The description has no ${[...missing].join(', ')}`);
const slice = { openapi: description.openapi, info: description.info, paths, components };
writeFileSync(OUTPUT, `${JSON.stringify(slice)}\n`);
process.stdout.write(`${OPERATIONS.size} operations, ${Math.round(JSON.stringify(slice).length / 1024)} KB\n`);

/** Of an operation: parameters, body, the shape and one example of what it answers on success, and the other statuses. */
function cutOperation(operation: Json): Json {
  const responses = Object.entries(operation['responses'] as Record<string, Json>).map(([status, response]) => [
    status,
    status.startsWith('2') ? cutResponse(resolve(response)) : {},
  ]);
  return {
    operationId: operation['operationId'],
    externalDocs: operation['externalDocs'],
    parameters: ((operation['parameters'] as Json[] | undefined) ?? []).map((parameter) => cut(resolve(parameter))),
    ...(operation['requestBody'] ? { requestBody: cutBody(operation['requestBody'] as Json) } : {}),
    responses: Object.fromEntries(responses),
  };
}

function cutBody(body: Json): Json {
  const { schema } = (resolve(body)['content'] as Record<string, Json>)['application/json'] ?? {};
  return { required: body['required'] ?? false, content: { 'application/json': { schema: cut(schema) } } };
}

function cutResponse(response: Json): Json {
  const content = (response['content'] as Record<string, Json> | undefined)?.['application/json'];
  if (!content) return {};
  const [first] = Object.values((content['examples'] as Record<string, Json> | undefined) ?? {});
  const example = first ? exampleOf(first) : undefined;
  // One element of a list shows its shape as well as five do.
  const shown = Array.isArray(example) ? example.slice(0, 1) : example;
  return { content: { 'application/json': { schema: cut(content['schema']), example: shown } } };
}

/** Some examples are references to where the value is, and some values are references again. */
function exampleOf(example: Json): unknown {
  const { value } = resolve(example);
  return typeof value === 'object' && value !== null && '$ref' in value ? exampleOf(value as Json) : value;
}

/** A schema without prose, in the dialect that ajv reads; what it refers to comes along. */
function cut(value: unknown, properties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => cut(item));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Json;
  if (!properties && typeof node['$ref'] === 'string') return cutReference(node['$ref']);
  const kept = Object.entries(node).filter(([key]) => properties || !isProse(key, node[key]));
  const result: Json = Object.fromEntries(
    kept.map(([key, item]) => [
      key,
      key === 'enum' && !properties ? item : cut(item, key === 'properties' && !properties),
    ]),
  );
  return properties ? result : withNull(result);
}

function isProse(key: string, value: unknown): boolean {
  if (['example', 'examples', 'x-github', 'externalDocs', 'deprecated', 'x-multi-segment'].includes(key)) return true;
  return key === 'description' && typeof value === 'string';
}

/** OpenAPI 3.0's `nullable` without a `type`, or beside an `enum`, means nothing to ajv. */
function withNull(schema: Json): Json {
  if (schema['nullable'] !== true) return schema;
  if (typeof schema['type'] !== 'string') {
    const { nullable: _, ...rest } = schema;
    return { anyOf: [rest, { type: 'null' }] };
  }
  const { enum: values } = schema;
  return Array.isArray(values) && !values.includes(null) ? { ...schema, enum: [...values, null] } : schema;
}

function cutReference(reference: string): Json {
  const [, , kind = '', name = ''] = reference.split('/');
  const known = components[kind] ?? {};
  components[kind] = known;
  if (!(name in known)) {
    known[name] = {};
    known[name] = cut(description.components[kind]?.[name]);
  }
  return { $ref: reference };
}

function resolve(value: Json): Json {
  const reference = value['$ref'];
  if (typeof reference !== 'string') return value;
  const [, , kind = '', name = ''] = reference.split('/');
  const target = description.components[kind]?.[name];
  if (!target) throw new Error(`The description has no ${reference}`);
  return target;
}
