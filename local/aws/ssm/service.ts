import type { Cloud } from '../../cloud.ts';
import type { AwsService } from '../kit/service.ts';
import { changeOperations, tagOperations } from './change.ts';
import type { StoredParameter } from './parameters.ts';
import { readOperations } from './read.ts';

/** SSM Parameter Store. https://docs.aws.amazon.com/systems-manager/latest/APIReference/ */
export function createSsmService(cloud: Cloud): AwsService {
  const parameters = cloud.store.collection<StoredParameter>('ssm/parameters');
  return {
    name: 'ssm',
    operations: {
      ...readOperations(cloud, parameters),
      ...changeOperations(cloud, parameters),
      ...tagOperations(parameters),
    },
  };
}
