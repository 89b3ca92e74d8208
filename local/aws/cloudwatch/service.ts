import type { Cloud } from '../../cloud.ts';
import type { AwsService } from '../kit/service.ts';
import { alarmOperations } from './alarms.ts';
import { metricOperations } from './metrics.ts';

/** CloudWatch: metrics that are put are read again, alarms are what Terraform made and have the state that somebody set. */
export function createCloudWatchService(cloud: Cloud): AwsService {
  return { name: 'monitoring', operations: { ...metricOperations(cloud), ...alarmOperations(cloud) } };
}
