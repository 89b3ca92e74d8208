import { ENVIRONMENTS, type EnvironmentSettings } from './environments.ts';
import { synthesize } from './testing/program.ts';

const production = ENVIRONMENTS.standard.production as {
  -readonly [Key in keyof EnvironmentSettings]: EnvironmentSettings[Key];
};
const { tracing = null } = production;

afterEach(() => {
  if (tracing === null) delete production.tracing;
  else production.tracing = tracing;
});

/** The variables of the container of `web`, and the actions of its role. */
function web(environment: string) {
  const { resources } = synthesize().get(`${environment}-app`) ?? { resources: () => [] };
  const [, definition] =
    resources('aws_ecs_task_definition').find(([, { family }]) => family === `${environment}-web`) ?? [];
  const [{ environment: variables }] = JSON.parse(String(definition?.['container_definitions']));
  const [name] = resources('aws_iam_role').find(([, role]) => String(role['name']).endsWith('web-task')) ?? [];
  const policies = resources('aws_iam_role_policy').filter(([, { role }]) => String(role).includes(`${name}.`));
  return { variables: variables.map((one: { name: string }) => one.name), policy: JSON.stringify(policies) };
}

test('web services are traced where the data of the environment says so, with the right to tell X-Ray', () => {
  production.tracing = { share: 0.05 };
  const traced = web('production');
  expect(traced.variables).toContain('TRACING_SHARE');
  expect(traced.policy).toContain('xray:PutTraceSegments');
  const other = web('staging');
  expect(other.variables).not.toContain('TRACING_SHARE');
  expect(other.policy).not.toContain('xray');
});

test('nothing is traced that costs money unless somebody wants it', () => {
  expect(Object.values(ENVIRONMENTS).flatMap((profile) => Object.values(profile).map((one) => one.tracing))).toEqual(
    Array(6).fill(undefined),
  );
});
