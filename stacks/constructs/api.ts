import { createHash } from 'node:crypto';
import {
  ApiGatewayAuthorizer,
  ApiGatewayDeployment,
  ApiGatewayIntegration,
  ApiGatewayMethod,
  ApiGatewayRequestValidator,
  ApiGatewayResource,
  ApiGatewayRestApi,
  Construct,
} from '../cdktf.ts';
import type { ApiSettings } from '../environments.ts';
import { ApiAddress } from './api-address.ts';
import { ApiStage } from './api-stage.ts';

export interface ApiProperties {
  readonly name: string;
  /** Where requests go: the load balancer's own name, over HTTPS. */
  readonly upstream: string;
  /** Name that the API answers on. */
  readonly host: string;
  readonly zoneId: string;
  readonly userPoolArn: string;
  readonly webAclArn: string;
  readonly keyArn: string;
  readonly logRetentionDays: number;
  readonly settings: ApiSettings;
}

const PATH = 'method.request.path.proxy';
/** Claim that the user pool's trigger puts into tokens. */
const TENANT_CLAIM = 'context.authorizer.claims.tenant_id';

/**
 * A REST API for programs: a token says who asks, an API key says on whose bill. Every key belongs to a usage plan, which throttles and counts it by itself; keys
 * are made when a tenant comes, not here. HTTP APIs would cost a third, but have neither plans nor keys.
 */
export class Api extends Construct {
  constructor(scope: Construct, id: string, properties: ApiProperties) {
    super(scope, id);
    const { name } = properties;
    const api = new ApiGatewayRestApi(this, 'api', {
      name,
      description: `The services of ${properties.host} for programs`,
      disableExecuteApiEndpoint: true,
      endpointConfiguration: { types: ['REGIONAL'] },
      lifecycle: { createBeforeDestroy: true },
    });
    const { method, integration, fingerprint } = forwardEverything(this, api, properties);
    const deployment = new ApiGatewayDeployment(this, 'deployment', {
      restApiId: api.id,
      triggers: { configuration: fingerprint },
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [method, integration],
    });
    const stage = new ApiStage(this, 'stage', { ...properties, apiId: api.id, deploymentId: deployment.id });
    new ApiAddress(this, 'address', { ...properties, apiId: api.id, stageName: stage.name });
  }
}

/** One method for every path, which asks for a token and a key; services know their own methods. */
function forwardEverything(scope: Construct, api: ApiGatewayRestApi, { name, userPoolArn, upstream }: ApiProperties) {
  const restApiId = api.id;
  const resource = new ApiGatewayResource(scope, 'everything', {
    restApiId,
    parentId: api.rootResourceId,
    pathPart: '{proxy+}',
  });
  const authorizer = new ApiGatewayAuthorizer(scope, 'people', {
    name: `${name}-people`,
    restApiId,
    type: 'COGNITO_USER_POOLS',
    providerArns: [userPoolArn],
  });
  const validator = new ApiGatewayRequestValidator(scope, 'validator', {
    name: 'parameters',
    restApiId,
    validateRequestParameters: true,
  });
  const asked = { httpMethod: 'ANY', authorization: 'COGNITO_USER_POOLS', apiKeyRequired: true } as const;
  const forwarded = {
    type: 'HTTP_PROXY',
    integrationHttpMethod: 'ANY',
    uri: `${upstream}/{proxy}`,
    timeoutMilliseconds: 29_000,
    requestParameters: {
      'integration.request.path.proxy': PATH,
      // Takes the place of what a caller may have sent under that name.
      'integration.request.header.x-slipway-tenant': TENANT_CLAIM,
    },
  } as const;
  const method = new ApiGatewayMethod(scope, 'method', {
    ...asked,
    restApiId,
    resourceId: resource.id,
    authorizerId: authorizer.id,
    requestValidatorId: validator.id,
    requestParameters: { [PATH]: true },
  });
  const integration = new ApiGatewayIntegration(scope, 'integration', {
    ...forwarded,
    restApiId,
    resourceId: resource.id,
    httpMethod: method.httpMethod,
  });
  // A deployment is a copy: it has to be made anew whenever one of these changes.
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([asked, forwarded]))
    .digest('hex');
  return { method, integration, fingerprint };
}
