import { hostEnvironment, isPreview, secretName } from '../../pipeline/manifest/names.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import {
  type Construct,
  type LambdaAlias,
  LambdaPermission,
  LbTargetGroupAttachment,
  SecretsmanagerSecretRotation,
} from '../cdktf.ts';
import { environmentSettings } from '../environments.ts';
import { readParameter } from '../parameters.ts';
import type { StackInput } from '../stack.ts';
import type { Target } from './target.ts';

interface Called {
  readonly manifest: Manifest;
  readonly input: StackInput;
  /** Where the load balancer finds the function; undefined for one with a trigger. */
  readonly target?: Target;
}

/** Lets what calls a function call it, through the alias. In previews nothing triggers: they have neither users nor secrets of their own. */
export function connectCallers(scope: Construct, alias: LambdaAlias, { manifest, input, target }: Called): void {
  if (target !== undefined) connectTarget(scope, alias, target);
  if (isPreview(input.environment)) return;
  if (manifest.trigger === 'tokens') connectTokens(scope, alias, input);
  for (const [secret, days] of Object.entries(manifest.rotates ?? {})) {
    connectRotation(scope, alias, { input, secret, days });
  }
}

const through = (alias: LambdaAlias) =>
  ({ action: 'lambda:InvokeFunction', functionName: alias.functionName, qualifier: alias.name }) as const;

function connectTarget(scope: Construct, alias: LambdaAlias, target: Target): void {
  const permission = new LambdaPermission(scope, 'permission', {
    ...through(alias),
    statementId: 'load-balancer',
    principal: 'elasticloadbalancing.amazonaws.com',
    sourceArn: target.arn,
  });
  new LbTargetGroupAttachment(scope, 'attachment', {
    targetGroupArn: target.arn,
    targetId: alias.arn,
    dependsOn: [permission],
  });
}

/** The pool itself names the function, in the data stack. */
function connectTokens(scope: Construct, alias: LambdaAlias, input: StackInput): void {
  if (environmentSettings(input).userPool === undefined) return;
  new LambdaPermission(scope, 'permission', {
    ...through(alias),
    statementId: 'user-pool',
    principal: 'cognito-idp.amazonaws.com',
    sourceArn: readParameter(scope, input, 'user-pool-arn'),
  });
}

interface Rotation {
  readonly input: StackInput;
  readonly secret: string;
  readonly days: number;
}

/** The secret is renewed for the first time when the first release serves, not with a placeholder. */
function connectRotation(scope: Construct, alias: LambdaAlias, { input, secret, days }: Rotation): void {
  const environment = hostEnvironment(input.environment);
  const permission = new LambdaPermission(scope, `permission-${secret}`, {
    ...through(alias),
    statementId: `rotation-${secret}`,
    principal: 'secretsmanager.amazonaws.com',
    sourceArn: readParameter(scope, { ...input, environment }, `secret/${secret}`),
  });
  new SecretsmanagerSecretRotation(scope, `rotation-${secret}`, {
    secretId: secretName(input.project.app, environment, secret),
    rotationLambdaArn: alias.arn,
    rotateImmediately: false,
    rotationRules: { automaticallyAfterDays: days },
    dependsOn: [permission],
  });
}
