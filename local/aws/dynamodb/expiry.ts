import type { DynamoContext } from './context.ts';
import type { Item } from './engine.ts';
import { keyOf } from './items.ts';

/** Removes the items of every table with time to live whose time has passed. Returns how many there were. */
export async function removeExpired({ cloud, engine, settings, exclusive }: DynamoContext): Promise<number> {
  let removed = 0;
  for (const [table, { timeToLive }] of settings.entries()) {
    if (!timeToLive?.enabled) continue;
    const scan = {
      TableName: table,
      FilterExpression: '#ttl < :now AND attribute_type(#ttl, :number)',
      ExpressionAttributeNames: { '#ttl': timeToLive.attribute },
      ExpressionAttributeValues: { ':now': { N: String(Math.floor(cloud.now() / 1000)) }, ':number': { S: 'N' } },
    };
    removed += await exclusive(async () => {
      const { Items } = await engine.run('Scan', scan);
      for (const item of Items as Item[]) {
        await engine.run('DeleteItem', { TableName: table, Key: await keyOf(engine, table, item) });
      }
      return (Items as Item[]).length;
    });
  }
  return removed;
}
