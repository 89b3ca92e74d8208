import { AwsError, type Operation } from '../kit/service.ts';
import { type DynamoContext, tableName } from './context.ts';
import type { Engine, Item, Wire } from './engine.ts';
import { fromWire, toWire } from './wire.ts';

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'] as const;
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'] as const;

/** Operations on items, which dynalite answers. Writes run one after another. */
export function itemOperations({ engine, exclusive }: DynamoContext): Record<string, Operation> {
  const read =
    (name: string): Operation =>
    async (input) =>
      fromWire(name, await engine.run(name, request(name, input)));
  const write =
    (name: string): Operation =>
    async (input) =>
      fromWire(name, await exclusive(() => writeItem(engine, name, request(name, input))));
  return Object.fromEntries([...READS.map((name) => [name, read(name)]), ...WRITES.map((name) => [name, write(name)])]);
}

function request(name: string, input: object): Wire {
  const wire = toWire(name, input);
  return wire['TableName'] === undefined ? wire : { ...wire, TableName: tableName(wire['TableName']) };
}

async function writeItem(engine: Engine, name: string, request: Wire): Promise<Wire> {
  const { ReturnValuesOnConditionCheckFailure: wanted, ...standard } = request;
  try {
    return await engine.run(name, standard);
  } catch (error) {
    if (wanted !== 'ALL_OLD' || !(error instanceof AwsError) || error.name !== 'ConditionalCheckFailedException')
      throw error;
    const item = await currentItem(engine, standard);
    const details = item ? { details: fromWire<object>('GetItem', { Item: item }) as Record<string, unknown> } : {};
    throw new AwsError(error.name, error.message, details);
  }
}

/** The item that a write is about, as it is now. */
export async function currentItem(engine: Engine, write: Wire): Promise<Item | undefined> {
  const key = write['Key'] ?? (await keyOf(engine, String(write['TableName']), write['Item'] as Item));
  const found = await engine.run('GetItem', { TableName: write['TableName'], Key: key, ConsistentRead: true });
  return found['Item'] as Item | undefined;
}

/** The primary key of an item. */
export async function keyOf(engine: Engine, table: string, item: Item): Promise<Item> {
  const { KeySchema } = await engine.table(table);
  return Object.fromEntries(KeySchema.flatMap(({ AttributeName: name }) => (item[name] ? [[name, item[name]]] : [])));
}
