import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../kit/service.ts';
import { type Caller, decide } from './policy.ts';

/** Resources of IAM live in the Terraform provider's own records. */
interface ResourceRecord {
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Role {
  readonly arn: string;
  readonly trustPolicy: string;
  /** Seconds. */
  readonly longestSession: number;
}

export interface IdentityProvider {
  readonly arn: string;
  /** Host (and path) of the issuer, which condition keys begin with. */
  readonly name: string;
  readonly audiences: readonly string[];
}

function records(cloud: Cloud, type: string): ResourceRecord['attributes'][] {
  const collection = cloud.store.collection<ResourceRecord>(`terraform/${type}`);
  return collection.entries().map(([, { attributes }]) => attributes);
}

export function findRole(cloud: Cloud, arn: string): Role | undefined {
  const attributes = records(cloud, 'aws_iam_role').find((role) => role['arn'] === arn);
  if (!attributes) return undefined;
  return {
    arn,
    trustPolicy: String(attributes['assume_role_policy'] ?? ''),
    longestSession: Number(attributes['max_session_duration'] ?? 3600),
  };
}

/** The OIDC providers of the account. Only GitHub's is played locally, so all of them stand for the local GitHub. */
export function identityProviders(cloud: Cloud): IdentityProvider[] {
  return records(cloud, 'aws_iam_openid_connect_provider').map((attributes) => ({
    arn: String(attributes['arn']),
    name: String(attributes['url']).replace(/^https?:\/\//, ''),
    audiences: (attributes['client_id_list'] ?? []) as readonly string[],
  }));
}

export interface Assumption {
  readonly roleArn: string;
  readonly seconds: number | undefined;
  readonly caller: Caller;
  /** What AWS answers to a caller who may not: it does not say why. */
  readonly refusal: string;
}

/** Length of the session in seconds, if the caller may take the role on. The log says what did not match. */
export function authorize(cloud: Cloud, { roleArn, seconds, caller, refusal }: Assumption): number {
  const role = findRole(cloud, roleArn);
  const decision = role
    ? decide(role.trustPolicy, caller)
    : ({ allowed: false, reason: 'there is no such role' } as const);
  if (!role || !decision.allowed) {
    const reason = decision.allowed ? '' : decision.reason;
    cloud.log({ source: 'sts', message: `${caller.action} of ${roleArn} refused: ${reason}`, role: roleArn, reason });
    throw new AwsError('AccessDenied', refusal, { status: 403 });
  }
  const asked = seconds ?? 3600;
  if (asked > role.longestSession) {
    throw validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  if (asked < 900) throw validation('1 validation error detected: DurationSeconds must be at least 900');
  return asked;
}

function validation(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
