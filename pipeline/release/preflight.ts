import { fargateMemory } from '../manifest/fargate.ts';
import type { Contents } from './contents.ts';
import { messageOf, type ServiceFailure } from './failure.ts';
import type { Move, Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { findSecrets, isInSecretsManager } from './secrets.ts';
import { targetContents } from './target-contents.ts';

/** One thing that was looked at before anything is changed. */
export interface PreflightCheck {
  readonly service: string;
  readonly name: 'image' | 'revision' | 'secrets' | 'target group' | 'size' | 'roles';
  readonly state: 'ok' | 'failed' | 'skipped';
  /** What was found; what is wrong and the way out; why it was not looked at. */
  readonly detail: string;
}

type Finding = Omit<PreflightCheck, 'service' | 'name'>;
type Ports = Pick<ReleasePorts, 'inspect' | 'moverFor' | 'progress'>;

/** Proves for every service that moves that it can: all of its checks, whatever the others say. Changes nothing. */
export async function preflight(plan: Plan, ports: Ports): Promise<readonly PreflightCheck[]> {
  const checks = (await Promise.all(plan.moves.map((move) => checksOf(move, ports)))).flat();
  const count = (state: PreflightCheck['state']): number => checks.filter((check) => check.state === state).length;
  ports.progress.line(`${count('ok')} checks ok, ${count('skipped')} skipped, ${count('failed')} failed`);
  return checks;
}

/** What stops a deployment. */
export const failuresOf = (checks: readonly PreflightCheck[]): readonly ServiceFailure[] =>
  checks.flatMap(({ service, state, detail }) => (state === 'failed' ? [{ service, message: detail }] : []));

async function checksOf(move: Move, ports: Ports): Promise<readonly PreflightCheck[]> {
  const { service } = move;
  const contents = contentsOf(move, ports);
  // Whoever needs it and does not get it says so; if nobody does, that is no failure.
  contents.catch(() => undefined);
  const looks: Readonly<Record<PreflightCheck['name'], () => Promise<Finding> | Finding>> = {
    image: () => checkImage(move, contents, ports),
    revision: () => checkRevision(move, ports),
    secrets: () => checkSecrets(move, contents, ports),
    'target group': () => checkTargetGroup(move, ports),
    size: () => checkSize(move),
    roles: () => checkRoles(move, contents, ports),
  };
  return Promise.all(
    Object.entries(looks).map(async ([name, look]) => {
      const finding = await Promise.resolve().then(look).catch(unanswered);
      return { service, name: name as PreflightCheck['name'], ...finding };
    }),
  );
}

const ok = (detail: string): Finding => ({ state: 'ok', detail });
const failed = (detail: string): Finding => ({ state: 'failed', detail });
const skipped = (detail: string): Finding => ({ state: 'skipped', detail });

/** Not being allowed to look is no reason to refuse what may well work; any other answer that does not come is. */
function unanswered(error: unknown): Finding {
  const name = error instanceof Error ? error.name : '';
  if (error instanceof NoRevision) return skipped(error.message);
  if (/AccessDenied|NotAuthorized|UnknownOperation|UnsupportedOperation|NotImplemented/i.test(name)) {
    return skipped(`may not be looked at: ${messageOf(error)}`);
  }
  return failed(messageOf(error));
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  X86_64: 'amd64',
  x86_64: 'amd64',
  ARM64: 'arm64',
  arm64: 'arm64',
};

/** What would be started: of a rollback, the revision of then with its own secrets and roles. */
async function contentsOf({ template, target }: Move, { inspect }: Ports): Promise<Contents> {
  const contents = await targetContents({ template, target }, inspect);
  if (contents !== undefined) return contents;
  if (template.kind === 'function' && target.revision === undefined)
    throw new Error(`function ${template.functionName} does not exist; run the provision action`);
  throw new NoRevision(`${target.revision} does not exist`);
}

/** The check of the revision says so; the others have nothing to look at. */
class NoRevision extends Error {
  override readonly name = 'NoRevision';
}

async function checkImage(
  { template, target }: Move,
  contents: Promise<Contents>,
  { inspect }: Ports,
): Promise<Finding> {
  const image = `${template.repositoryUrl}@${target.digest}`;
  const platforms = await inspect.platforms(template.repositoryUrl, target.digest);
  if (platforms === undefined) return failed(`image ${image} does not exist; build it again`);
  const wanted = architectureOf(await contents);
  const offered = platforms.map(({ os, architecture }) => `${os}/${architecture}`);
  if (offered.includes(`linux/${wanted}`)) return ok(`linux/${wanted} can be pulled`);
  return failed(`image ${image} is for ${offered.join(', ')}, not linux/${wanted}; build it for that platform`);
}

function architectureOf({ settings: { architecture, runtimePlatform } }: Contents): string {
  const declared = architecture ?? Object(runtimePlatform).cpuArchitecture ?? 'X86_64';
  return ARCHITECTURES[String(declared)] ?? String(declared);
}

async function checkRevision({ template, target }: Move, { moverFor }: Ports): Promise<Finding> {
  const problem = await moverFor(template).prove(target);
  if (problem !== undefined) return failed(problem);
  return ok(target.revision === undefined ? 'a new one can be made' : `${target.revision.split('/').at(-1)} is there`);
}

async function checkSecrets({ template }: Move, contents: Promise<Contents>, { inspect }: Ports): Promise<Finding> {
  const { secrets, settings } = await contents;
  if (!Object.values(secrets).some(isInSecretsManager)) return skipped('it has none');
  const { problems, arns } = await findSecrets(secrets, inspect);
  if (problems.length > 0) return failed(problems.join('; '));
  // A function reads them itself.
  const isFunction = template.kind === 'function';
  const role = String((isFunction ? settings['roleArn'] : settings['executionRoleArn']) ?? '');
  const unreadable = await inspect.unreadable(role, arns);
  if (unreadable.length === 0) return ok(`${arns.length} can be read by the ${isFunction ? 'role' : 'execution role'}`);
  return failed(`role ${role.split('/').at(-1)} may not read ${unreadable.join(', ')}; run the provision action`);
}

async function checkTargetGroup({ template }: Move, { inspect }: Ports): Promise<Finding> {
  const arn = template.kind === 'web' ? template.targetGroupArn : undefined;
  if (arn === undefined) return skipped(`a ${template.kind} has none of its own`);
  const attached = await inspect.attached(arn);
  if (attached === undefined) return failed(`target group ${arn} does not exist; run the provision action`);
  return attached
    ? ok('a listener sends requests to it')
    : failed(`no listener sends requests to target group ${arn}; run the provision action`);
}

function checkSize({ template }: Move): Finding {
  if (template.kind === 'function') return skipped('Lambda takes any size from 128 to 10240 MB');
  const { cpu, memory } = template.taskDefinition;
  const sizes = fargateMemory(Number(cpu));
  if (sizes.includes(Number(memory))) return ok(`cpu ${cpu}, memory ${memory}`);
  return failed(
    sizes.length === 0
      ? `Fargate has no cpu ${cpu}; use 256, 512, 1024, 2048 or 4096 in service.json`
      : `Fargate has no memory ${memory} with cpu ${cpu}; use ${sizes[0]} to ${sizes.at(-1)} in service.json`,
  );
}

async function checkRoles({ template }: Move, contents: Promise<Contents>, { inspect }: Ports): Promise<Finding> {
  const service = template.kind === 'function' ? 'lambda.amazonaws.com' : 'ecs-tasks.amazonaws.com';
  const { roleArn, executionRoleArn, taskRoleArn } = (await contents).settings;
  const known = [roleArn, executionRoleArn, taskRoleArn].flatMap((role) => (role ? [String(role)] : []));
  if (known.length === 0) return failed('it has no role; run the provision action');
  const trusted = await Promise.all(known.map((role) => inspect.trusted(role)));
  const problems = known.flatMap((role, index) => {
    const name = role.split('/').at(-1);
    if (trusted[index] === undefined) return [`role ${name} does not exist`];
    return trusted[index].includes(service) ? [] : [`role ${name} cannot be taken on by ${service}`];
  });
  if (problems.length > 0) return failed(`${problems.join('; ')}; run the provision action`);
  return ok(`${service} can take on ${known.map((role) => role.split('/').at(-1)).join(' and ')}`);
}
