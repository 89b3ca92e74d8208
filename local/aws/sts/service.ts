import type { AssumeRoleRequest, AssumeRoleResponse, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { Cloud } from '../../cloud.ts';
import { currentRequest } from '../kit/request.ts';
import type { AwsService } from '../kit/service.ts';
import { openSessions } from './sessions.ts';

/** STS: who calls, and temporary credentials for a role. */
export function createStsService(cloud: Cloud): AwsService {
  const sessions = openSessions(cloud);
  return {
    name: 'sts',
    operations: {
      GetCallerIdentity(): GetCallerIdentityResponse {
        const caller = sessions.caller(currentRequest()?.scope?.accessKeyId ?? 'local');
        return { UserId: caller.userId, Account: cloud.accountId, Arn: caller.arn };
      },
      AssumeRole(input: AssumeRoleRequest): AssumeRoleResponse {
        return sessions.open({
          roleArn: String(input.RoleArn),
          sessionName: String(input.RoleSessionName),
          seconds: input.DurationSeconds ?? 3600,
        });
      },
    },
  };
}
