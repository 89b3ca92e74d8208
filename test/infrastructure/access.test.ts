import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate, grantedActions, inRegion } from '../../pipeline/iam/evaluate.ts';
import { type Forbidden, forbiddenToAll, forbiddenToOthers } from '../../pipeline/iam/forbidden.ts';
import { like } from '../../pipeline/iam/policy.ts';
import { identityOf, type RoleDocuments } from '../../pipeline/iam/replay.ts';
import { synthesizedRoles } from '../../pipeline/iam/synthesized.ts';
import { terraformActions } from '../../pipeline/iam/terraform-actions.ts';
import { serviceAccess } from '../../pipeline/manifest/access.ts';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { loadProject } from '../../pipeline/manifest/project.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import { synthesizeInto } from '../../pipeline/provision/synthesize.ts';

const ROOT = join(import.meta.dirname, '../..');
const output = mkdtempSync(join(tmpdir(), 'slipway-access-'));
const project = loadProject(ROOT, {});
let roles: readonly RoleDocuments[] = [];
/** Stack -> types of its resources. */
const types = new Map<string, readonly string[]>();

beforeAll(async () => {
  const problem = await synthesizeInto({ root: ROOT, output, environment: { ...process.env, SLIPWAY_PREVIEW: '1', SLIPWAY_PREVIEW_FULL: 'true' } });
  if (problem !== undefined) throw new Error(problem);
  const stacks = readdirSync(join(output, 'stacks')).map((stack) =>
    JSON.parse(readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8')),
  );
  roles = synthesizedRoles(stacks);
  for (const stack of readdirSync(join(output, 'stacks'))) {
    const json = JSON.parse(readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
    types.set(stack, Object.keys(json.resource));
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
  const appliedBy = (stack: string): string | undefined => {
    const environment = /^(staging|production)-/.exec(stack)?.[1];
    if (environment !== undefined) return `slipway-ci-deploy-${environment}`;
    // bootstrap and account are applied by a person.
    return stack.startsWith('preview-') ? 'slipway-ci-preview' : undefined;
  };
  const missing = [...types].flatMap(([stack, used]) => {
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
