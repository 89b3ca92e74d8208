import { CognitoUserPool, CognitoUserPoolClient, CognitoUserPoolDomain, Construct } from '../cdktf.ts';
import type { UserPoolSettings } from '../environments.ts';

interface UserPoolProperties {
  readonly name: string;
  /** First part of the host under amazoncognito.com; one in the world, so it carries the account. */
  readonly domainPrefix: string;
  readonly settings: UserPoolSettings;
  /** URL of the application; people come back to `/auth/callback`. */
  readonly applicationUrl: string;
  /** ARN of the function that puts the organisation into tokens. Absent: tokens name none. */
  readonly tokenTrigger?: string;
}

/** What somebody may change about themselves. Never a `custom:` attribute: a token may set any attribute in this list. */
const OWN_ATTRIBUTES = ['email', 'name', 'locale'];
const REFRESH_DAYS = 30;
const INVITATION_DAYS = 3;

/**
 * People who sign in. Which organisations somebody belongs to is a table of memberships, not an attribute of the person: the trigger reads it and puts
 * the chosen one into the access token, so that nobody can make themselves a member.
 */
export class UserPool extends Construct {
  readonly id: string;
  readonly arn: string;
  readonly clientId: string;

  constructor(scope: Construct, id: string, properties: UserPoolProperties) {
    super(scope, id);
    const pool = createPool(this, properties);
    this.id = pool.id;
    this.arn = pool.arn;
    this.clientId = createClient(this, pool.id, properties).id;
    new CognitoUserPoolDomain(this, 'domain', { domain: properties.domainPrefix, userPoolId: pool.id });
  }
}

function createPool(scope: Construct, { name, settings, tokenTrigger }: UserPoolProperties): CognitoUserPool {
  return new CognitoUserPool(scope, 'pool', {
    name,
    userPoolTier: 'ESSENTIALS',
    deletionProtection: 'ACTIVE',
    usernameAttributes: ['email'],
    usernameConfiguration: { caseSensitive: false },
    autoVerifiedAttributes: ['email'],
    userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdate: ['email'] },
    mfaConfiguration: settings.secondFactor === 'required' ? 'ON' : 'OPTIONAL',
    softwareTokenMfaConfiguration: { enabled: true },
    passwordPolicy: {
      minimumLength: settings.minimumPasswordLength,
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: true,
      passwordHistorySize: 5,
      temporaryPasswordValidityDays: INVITATION_DAYS,
    },
    accountRecoverySetting: { recoveryMechanism: [{ name: 'verified_email', priority: 1 }] },
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    ...(tokenTrigger === undefined
      ? {}
      : { lambdaConfig: { preTokenGenerationConfig: { lambdaArn: tokenTrigger, lambdaVersion: 'V2_0' } } }),
    lifecycle: { preventDestroy: true },
  });
}

function createClient(
  scope: Construct,
  userPoolId: string,
  { name, settings, applicationUrl }: UserPoolProperties,
): CognitoUserPoolClient {
  return new CognitoUserPoolClient(scope, 'client', {
    name: `${name}-web`,
    userPoolId,
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthFlows: ['code'],
    allowedOauthScopes: ['openid', 'email', 'profile'],
    supportedIdentityProviders: ['COGNITO'],
    callbackUrls: [`${applicationUrl}/auth/callback`],
    logoutUrls: [applicationUrl],
    explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
    writeAttributes: OWN_ATTRIBUTES,
    preventUserExistenceErrors: 'ENABLED',
    enableTokenRevocation: true,
    accessTokenValidity: settings.tokenMinutes,
    idTokenValidity: settings.tokenMinutes,
    refreshTokenValidity: REFRESH_DAYS,
    tokenValidityUnits: [{ accessToken: 'minutes', idToken: 'minutes', refreshToken: 'days' }],
  });
}
