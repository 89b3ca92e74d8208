import { join } from 'node:path';
import type { Cloud } from '../../cloud.ts';
import type { AwsService } from '../kit/service.ts';
import { createContext } from './context.ts';
import { openEngine } from './engine.ts';
import { removeExpired } from './expiry.ts';
import { itemOperations } from './items.ts';
import { settingOperations } from './settings.ts';
import { settleTables, tableOperations } from './tables.ts';
import { transactionOperations, undoInterrupted } from './transactions.ts';

/** Milliseconds between two looks for items whose time to live has passed. AWS takes days; tests of people should not. */
const EXPIRY_INTERVAL = 10_000;

/** DynamoDB on dynalite's modules, with its tables under `<home>/dynamodb`. No streams, no PartiQL, no restore. */
export function createDynamoDbService(cloud: Cloud): AwsService {
  const { accountId, region } = cloud;
  const engine = openEngine({ folder: join(cloud.home, 'dynamodb'), accountId, region });
  const context = createContext(cloud, engine);
  let timer: NodeJS.Timeout | undefined;
  const expire = () =>
    removeExpired(context).catch((error: unknown) => {
      cloud.log({ source: 'dynamodb', message: 'could not remove expired items', error: String(error) });
    });
  return {
    name: 'dynamodb',
    operations: {
      ...itemOperations(context),
      ...transactionOperations(context),
      ...tableOperations(context),
      ...settingOperations(context),
    },
    async start() {
      await engine.open();
      await undoInterrupted(context);
      await settleTables(context);
      timer = setInterval(expire, EXPIRY_INTERVAL).unref();
    },
    async stop() {
      clearInterval(timer);
      await context.exclusive(() => engine.close());
    },
  };
}
