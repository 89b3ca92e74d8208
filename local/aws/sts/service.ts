import type * as sts from '@aws-sdk/client-sts';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { currentRequest } from '../kit/request.ts';
import type { AwsService } from '../kit/service.ts';
import { authorize, type IdentityProvider, identityProviders } from './roles.ts';
import { openSessions } from './sessions.ts';
import { type Claims, createIdentityVerifier, invalid } from './web-identity.ts';

/** Claims of GitHub's tokens that IAM offers as condition keys; a policy that asks for another one never matches. */
const CONDITION_CLAIMS = [
  'sub',
  'aud',
  'actor',
  'actor_id',
  'enterprise_id',
  'environment',
  'job_workflow_ref',
  'ref',
  'repository',
  'repository_id',
  'workflow',
];

/** STS: who calls, and temporary credentials for roles whose trust policy lets the caller take them on. */
export function createStsService(cloud: Cloud): AwsService {
  const sessions = openSessions(cloud);
  const identities = createIdentityVerifier(cloud);
  const caller = () => sessions.caller(currentRequest()?.scope?.accessKeyId ?? 'local');
  return {
    name: 'sts',
    operations: {
      GetCallerIdentity(): sts.GetCallerIdentityResponse {
        const { userId, arn } = caller();
        return { UserId: userId, Account: cloud.accountId, Arn: arn };
      },
      AssumeRole(input: Input<sts.AssumeRoleRequest>): sts.AssumeRoleResponse {
        const { arn } = caller();
        const seconds = authorize(cloud, {
          roleArn: input.RoleArn,
          seconds: input.DurationSeconds,
          caller: {
            action: 'sts:AssumeRole',
            principal: { type: 'AWS', names: [arn, cloud.accountId, `arn:aws:iam::${cloud.accountId}:root`] },
            context: { 'aws:PrincipalArn': arn, ...(input.ExternalId ? { 'sts:ExternalId': input.ExternalId } : {}) },
          },
          refusal: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
        });
        return sessions.open({ roleArn: input.RoleArn, sessionName: input.RoleSessionName, seconds });
      },
      async AssumeRoleWithWebIdentity(
        input: Input<sts.AssumeRoleWithWebIdentityRequest>,
      ): Promise<sts.AssumeRoleWithWebIdentityResponse> {
        const claims = await identities.verify(input.WebIdentityToken);
        const provider = acceptingProvider(identityProviders(cloud), claims);
        const seconds = authorize(cloud, {
          roleArn: input.RoleArn,
          seconds: input.DurationSeconds,
          caller: {
            action: 'sts:AssumeRoleWithWebIdentity',
            principal: { type: 'Federated', names: [provider.arn] },
            context: conditionContext(provider, claims),
          },
          refusal: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
        });
        return {
          ...sessions.open({ roleArn: input.RoleArn, sessionName: input.RoleSessionName, seconds }),
          SubjectFromWebIdentityToken: String(claims['sub']),
          Audience: String(claims['aud']),
          Provider: provider.arn,
        };
      },
    },
  };
}

/** The account's provider that accepts the token's audience. */
function acceptingProvider(providers: readonly IdentityProvider[], claims: Claims): IdentityProvider {
  if (providers.length === 0) throw invalid(`No OpenIDConnect provider found in your account for ${claims['iss']}`);
  const provider = providers.find(({ audiences }) => audiences.includes(String(claims['aud'])));
  if (!provider) throw invalid('Incorrect token audience');
  return provider;
}

function conditionContext({ name }: IdentityProvider, claims: Claims): Readonly<Record<string, string>> {
  const offered = CONDITION_CLAIMS.filter((claim) => claims[claim] !== undefined);
  return Object.fromEntries(offered.map((claim) => [`${name}:${claim}`, String(claims[claim])]));
}
