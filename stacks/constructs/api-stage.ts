import {
  ApiGatewayClientCertificate,
  ApiGatewayMethodSettings,
  ApiGatewayStage,
  ApiGatewayUsagePlan,
  CloudwatchLogGroup,
  Construct,
  Wafv2WebAclAssociation,
} from '../cdktf.ts';
import type { ApiProperties } from './api.ts';

interface ApiStageProperties extends ApiProperties {
  readonly apiId: string;
  readonly deploymentId: string;
}

/** What is logged of a request: no header, no body, no query. */
const LOGGED = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  key: '$context.identity.apiKeyId',
  user: '$context.authorizer.claims.sub',
  error: '$context.error.message',
};

/** The stage that answers: throttled, traced, logged, behind the firewall; and the plans that API keys belong to. */
export class ApiStage extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, properties: ApiStageProperties) {
    super(scope, id);
    const { apiId, deploymentId, name, webAclArn, settings } = properties;
    const log = new CloudwatchLogGroup(this, 'log', {
      name: `/${name}/api`,
      retentionInDays: properties.logRetentionDays,
      kmsKeyId: properties.keyArn,
    });
    const certificate = new ApiGatewayClientCertificate(this, 'certificate', { description: `Shown by ${name}` });
    const stage = new ApiGatewayStage(this, 'stage', {
      restApiId: apiId,
      deploymentId,
      stageName: 'live',
      xrayTracingEnabled: true,
      clientCertificateId: certificate.id,
      accessLogSettings: { destinationArn: log.arn, format: JSON.stringify(LOGGED) },
    });
    this.name = stage.stageName;
    new ApiGatewayMethodSettings(this, 'settings', {
      restApiId: apiId,
      stageName: stage.stageName,
      methodPath: '*/*',
      settings: {
        loggingLevel: 'ERROR',
        metricsEnabled: true,
        dataTraceEnabled: false,
        throttlingRateLimit: settings.requestsPerSecond,
        throttlingBurstLimit: settings.burst,
      },
    });
    new Wafv2WebAclAssociation(this, 'firewall', { resourceArn: stage.arn, webAclArn });
    for (const [plan, limits] of Object.entries(settings.plans)) {
      new ApiGatewayUsagePlan(this, `plan-${plan}`, {
        name: `${name}-${plan}`,
        apiStages: [{ apiId, stage: stage.stageName }],
        throttleSettings: { rateLimit: limits.requestsPerSecond, burstLimit: limits.burst },
        quotaSettings: { limit: limits.requestsPerDay, period: 'DAY' },
      });
    }
  }
}
