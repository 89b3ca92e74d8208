import type { Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { ApiGatewayAccount, Construct } from '../cdktf.ts';
import { allow, type Statement } from './policy.ts';
import { ServiceRole } from './role.ts';

interface ApiLoggingProperties {
  readonly project: Project;
  readonly boundary: string;
}

/** API Gateway writes the logs of all APIs of an account and region with one role. */
export class ApiLogging extends Construct {
  constructor(scope: Construct, id: string, { project, boundary }: ApiLoggingProperties) {
    super(scope, id);
    const role = new ServiceRole(this, 'role', {
      name: `${project.app}-api-logs`,
      description: 'Writes the logs of APIs',
      service: 'apigateway.amazonaws.com',
      accountId: project.accountId,
      boundary,
      statements: apiLogStatements(project),
    });
    new ApiGatewayAccount(this, 'account', { cloudwatchRoleArn: role.arn });
  }
}

/** Part of AmazonAPIGatewayPushToCloudWatchLogs, for the groups of our APIs only. */
export function apiLogStatements(project: Project): Statement[] {
  const { logGroup } = createArns(project);
  const groups = [logGroup('API-Gateway-Execution-Logs_*'), logGroup(`/${project.app}-*/api`)];
  return [
    allow(
      ['CreateLogGroup', 'CreateLogStream', 'DescribeLogStreams', 'PutLogEvents'].map((name) => `logs:${name}`),
      groups.flatMap((group) => [group, `${group}:*`]),
    ),
    allow(['logs:DescribeLogGroups'], ['*']),
  ];
}
