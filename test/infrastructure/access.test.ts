import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate, grantedActions, inRegion } from '../../pipeline/iam/evaluate.ts';
import { type Forbidden, forbiddenToAll, forbiddenToOthers } from '../../pipeline/iam/forbidden.ts';
import { like } from '../../pipeline/iam/policy.ts';
import { identityOf, type RoleDocuments } from '../../pipeline/iam/replay.ts';
import { synthesizedRoles } from '../../pipeline/iam/synthesized.ts';
import { terraformActions } from '../../pipeline/iam/terraform-actions.ts';
import { type StackResources, type TerraformCall, terraformCalls } from '../../pipeline/iam/terraform-resources.ts';
import { serviceAccess } from '../../pipeline/manifest/access.ts';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { loadProject } from '../../pipeline/manifest/project.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import { synthesizeInto } from '../../pipeline/provision/synthesize.ts';

const ROOT = join(import.meta.dirname, '../..');
const output = mkdtempSync(join(tmpdir(), 'slipway-access-'));
const project = loadProject(ROOT, {});
let roles: readonly RoleDocuments[] = [];
/** Stack -> its resources. */
const synthesized = new Map<string, StackResources>();

beforeAll(async () => {
  const problem = await synthesizeInto({
    root: ROOT,
    output,
    environment: { ...process.env, SLIPWAY_PREVIEW: '1', SLIPWAY_PREVIEW_FULL: 'true' },
  });
  if (problem !== undefined) throw new Error(problem);
  const stacks = readdirSync(join(output, 'stacks')).map((stack) =>
    JSON.parse(readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8')),
  );
  roles = synthesizedRoles(stacks);
  for (const stack of readdirSync(join(output, 'stacks'))) {
    const json = JSON.parse(readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
    synthesized.set(stack, json.resource);
  }
});
afterAll(() => rmSync(output, { recursive: true }));

/** `role: action on resource`, for whatever is allowed although it must not be. */
const allowed = (chosen: readonly RoleDocuments[], requests: readonly Forbidden[]): string[] =>
  chosen.flatMap((role) =>
    requests
      .filter((request) => evaluate(identityOf(role), inRegion(project.region, request)).allowed)
      .map(({ what, action, resource }) => `${role.name} may ${action} on ${resource} (${what})`),
  );

/** The role that applies a stack; bootstrap and account are applied by a person. */
function appliedBy(stack: string): string | undefined {
  const environment = /^(staging|production)-/.exec(stack)?.[1];
  if (environment !== undefined) return `slipway-ci-deploy-${environment}`;
  return stack.startsWith('preview-') ? 'slipway-ci-preview' : undefined;
}

/** Calls that change something, of all stacks of an environment. */
function callsOf(environment: string): readonly TerraformCall[] {
  const host = environment === 'production' ? 'production' : 'staging';
  return [...synthesized]
    .filter(([stack]) => stack.includes(environment))
    .flatMap(([, resources]) => terraformCalls(resources, { ...project, environment, host }));
}

/** Roles that may make a call, by name. */
const mayCall = (names: readonly string[], call: TerraformCall): readonly string[] =>
  roles
    .filter(({ name }) => names.includes(name))
    .filter((role) => evaluate(identityOf(role), inRegion(project.region, call)).allowed)
    .map(({ name }) => name);

const CI = ['build', 'plan', 'preview', 'deploy-staging', 'deploy-production'].map((name) => `slipway-ci-${name}`);

test('every role of the pipeline and of the services is read, with its policies', () => {
  const names = roles.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['build', 'plan', 'preview'].map((name) => `slipway-ci-${name}`)));
  expect(names.filter((name) => name.includes('production'))).toContain('slipway-production-web-task');
  for (const { name, policies } of roles.filter((role) => !/-web-task$/.test(role.name))) {
    expect({ name, policies: policies.length > 0 }).toEqual({ name, policies: true });
  }
});

test('no role can raise its rights, make users, or turn off what watches it', () => {
  expect(allowed(roles, forbiddenToAll(project))).toEqual([]);
});

test('a role that may do everything is caught by each of them', () => {
  const root = { name: 'root', policies: ['{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'] };
  const requests = [...forbiddenToAll(project), ...forbiddenToOthers(project, 'production')];
  expect(allowed([root], requests)).toHaveLength(requests.length);
});

test.each(['production', 'staging'])('%s is out of reach for the roles of every other environment', (environment) => {
  // Previews live on staging: that is theirs to read, and the only thing.
  const others = roles.filter(
    ({ name }) => !name.includes(environment) && !(environment === 'staging' && /pr-|preview/.test(name)),
  );
  expect(others.length).toBeGreaterThan(3);
  expect(allowed(others, forbiddenToOthers(project, environment))).toEqual([]);
});

test("a preview changes nothing of staging's, nor of another preview's data", () => {
  const tasks = roles.filter(({ name }) => name.includes('-pr-1-'));
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${project.region}:${project.accountId}:${resource}`;
  const requests: Forbidden[] = [
    ...['staging-jobs', 'staging-feedback', 'pr-2-jobs'].map((table) => ({
      ...{ what: 'tables', action: 'dynamodb:PutItem', resource: arn('dynamodb', `table/${table}`) },
    })),
    {
      what: 'objects',
      action: 's3:PutObject',
      resource: `arn:aws:s3:::slipway-${project.accountId}-staging-results/x`,
    },
    {
      what: 'objects',
      action: 's3:PutObject',
      resource: `arn:aws:s3:::slipway-${project.accountId}-staging-results/pr-2/x`,
    },
  ];
  expect(tasks.length).toBeGreaterThan(2);
  expect(allowed(tasks, requests)).toEqual([]);
});

test('a role that applies a stack is given every action that Terraform takes for its resources', () => {
  const missing = [...synthesized].flatMap(([stack, resources]) => {
    const used = Object.keys(resources);
    const role = roles.find(({ name }) => name === appliedBy(stack));
    if (role === undefined) return [];
    const granted = grantedActions(identityOf(role));
    return used.flatMap((type) =>
      (terraformActions(type) ?? [`${type}: its actions are not written down in pipeline/iam/terraform-actions.ts`])
        .filter((action) => !granted.some((pattern) => like(pattern, action, true)))
        .map((action) => `${role.name} lacks ${action} for ${type}`),
    );
  });
  expect([...new Set(missing)]).toEqual([]);
});

test.each(['staging', 'production', 'pr-1'])(
  'applying the stacks of %s: the role that does it may make each call on the very resource, no other role may',
  (environment) => {
    const calls = callsOf(environment);
    const own = appliedBy(environment === 'pr-1' ? 'preview-pr-1' : `${environment}-app`) ?? '';
    const described = (call: TerraformCall): string => `${call.action} on ${call.resource} (${call.address})`;
    expect(new Set(calls.map(({ address }) => address.split('.')[0])).size).toBeGreaterThan(15);
    expect(calls.filter((call) => mayCall([own], call).length === 0).map(described)).toEqual([]);
    const others = CI.filter((name) => name !== own);
    // AWS knows no resource for it, and what a task may do is up to iam:PassRole; rules of previews and of staging stand on one listener.
    const shared = (call: TerraformCall, name: string): boolean =>
      /^ecs:\w+TaskDefinition$/.test(call.action) ||
      (/Rule$/.test(call.action) && environment !== 'production' && !name.endsWith('production'));
    expect(
      calls.flatMap((call) =>
        mayCall(others, call).flatMap((name) => (shared(call, name) ? [] : [`${name}: ${described(call)}`])),
      ),
    ).toEqual([]);
  },
);

test("a service reaches the tables that it owns or uses, and no other service's", () => {
  const manifests = valueOrThrow(loadManifests(ROOT));
  const tables = manifests.flatMap(({ owns }) => owns?.tables?.map(({ name }) => name) ?? []);
  expect(tables.length).toBeGreaterThan(0);
  const reached = manifests.flatMap((manifest) => {
    const role = roles.find(({ name }) => name === `slipway-production-${manifest.name}-task`);
    if (role === undefined) return [];
    const own = serviceAccess(manifest, manifests).filter(({ type }) => type === 'table');
    return tables.flatMap((table) => {
      const resource = `arn:aws:dynamodb:${project.region}:${project.accountId}:table/production-${table}`;
      const access = own.find(({ declaration }) => declaration.name === table)?.access.split('-') ?? [];
      return Object.entries({ read: 'dynamodb:GetItem', write: 'dynamodb:PutItem' }).map(([way, action]) => {
        const may = allowed([role], [{ what: 'tables', action, resource }]).length > 0;
        return { service: manifest.name, table, action, may, should: access.includes(way) };
      });
    });
  });
  expect(reached.filter(({ may, should }) => may !== should)).toEqual([]);
  // Both happen, or this would prove nothing.
  expect(new Set(reached.map(({ may }) => may))).toEqual(new Set([true, false]));
});
