import { isRecord } from '../../kit/result.ts';
import { chosenOrganisation, type Memberships } from './memberships.ts';

/** Claim that the API reads and passes on to services. */
export const TENANT_CLAIM = 'tenant_id';
/** No name of a tenant, so services refuse it. A claim that is missing would let a caller's own header through. */
export const NO_TENANT = '_';

/**
 * Answers the user pool's "pre token generation" event (version 2): both tokens carry the organisation.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 * @throws when the event is not that one; the pool then issues no token
 */
export async function withOrganisation(event: unknown, memberships: Memberships): Promise<object> {
  const user = readUser(event);
  const organisation = chosenOrganisation(await memberships.of(user)) ?? NO_TENANT;
  const claims = { claimsToAddOrOverride: { [TENANT_CLAIM]: organisation } };
  return {
    ...(event as object),
    response: { claimsAndScopeOverrideDetails: { idTokenGeneration: claims, accessTokenGeneration: claims } },
  };
}

function readUser(event: unknown): string {
  const { version, triggerSource, request } = isRecord(event) ? event : {};
  const attributes = isRecord(request) ? request['userAttributes'] : undefined;
  const user = isRecord(attributes) ? attributes['sub'] : undefined;
  const isToken = typeof triggerSource === 'string' && triggerSource.startsWith('TokenGeneration_');
  if (version === '2' && isToken && typeof user === 'string' && user !== '') return user;
  throw new Error(
    `expected an event of version 2 before tokens are issued, got version ${String(version)} from ${String(triggerSource)}`,
  );
}
