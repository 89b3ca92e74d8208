import { AwsError } from '../kit/service.ts';
import type { Engine, Index, Item, Table, Wire } from './engine.ts';

/** Creates and deletes global secondary indexes of an existing table, which dynalite does not do. New ones are filled at once. */
export async function changeIndexes(engine: Engine, name: string, request: Wire): Promise<void> {
  const updates = (request['GlobalSecondaryIndexUpdates'] ?? []) as { Create?: Wire; Delete?: { IndexName: string } }[];
  for (const { Create, Delete } of updates) {
    if (Create) await createIndex(engine, name, { definition: Create, attributes: request['AttributeDefinitions'] });
    if (Delete) await deleteIndex(engine, name, Delete.IndexName);
  }
}

async function createIndex(
  engine: Engine,
  name: string,
  wanted: { definition: Wire; attributes: unknown },
): Promise<void> {
  const table = await engine.table(name);
  const index = newIndex(table, wanted.definition);
  const attributes = mergeAttributes(table.AttributeDefinitions, (wanted.attributes ?? []) as readonly Wire[]);
  const undefinedKey = index.KeySchema.find((key) => !attributes.some((a) => a['AttributeName'] === key.AttributeName));
  if (undefinedKey) {
    throw invalid(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${undefinedKey.AttributeName}]`,
    );
  }
  const changed: Table = {
    ...table,
    AttributeDefinitions: attributes,
    GlobalSecondaryIndexes: [...(table.GlobalSecondaryIndexes ?? []), index],
  };
  // Filled before it is announced: a crash in between leaves rows that the next attempt overwrites.
  await fillIndex(engine, { ...changed, GlobalSecondaryIndexes: [index] });
  await engine.saveTable(changed);
}

function newIndex(table: Table, definition: Wire): Index {
  const name = String(definition['IndexName']);
  if (table.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === name)) {
    throw invalid(`Attempting to create an index which already exists: ${name}`);
  }
  return {
    ...definition,
    IndexName: name,
    KeySchema: definition['KeySchema'] as Index['KeySchema'],
    Projection: definition['Projection'] as Wire,
    IndexArn: `${table.TableArn}/index/${name}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
    IndexStatus: 'ACTIVE',
    ProvisionedThroughput: {
      ReadCapacityUnits: 0,
      WriteCapacityUnits: 0,
      ...(definition['ProvisionedThroughput'] as Wire | undefined),
      NumberOfDecreasesToday: 0,
    },
  };
}

function mergeAttributes(before: readonly Wire[], added: readonly Wire[]): readonly Wire[] {
  const known = new Set(before.map(({ AttributeName }) => AttributeName));
  return [...before, ...added.filter(({ AttributeName }) => !known.has(AttributeName))];
}

async function fillIndex(engine: Engine, table: Table): Promise<void> {
  let start: unknown;
  do {
    const from = start ? { ExclusiveStartKey: start } : {};
    const found = await engine.run('Scan', { TableName: table.TableName, ...from });
    for (const item of (found['Items'] ?? []) as Item[]) await engine.index(table, item);
    start = found['LastEvaluatedKey'];
  } while (start);
}

async function deleteIndex(engine: Engine, name: string, index: string): Promise<void> {
  const table = await engine.table(name);
  const rest = (table.GlobalSecondaryIndexes ?? []).filter(({ IndexName }) => IndexName !== index);
  if (rest.length === table.GlobalSecondaryIndexes?.length || !table.GlobalSecondaryIndexes) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${index} not found`);
  }
  const { GlobalSecondaryIndexes: _dropped, ...others } = table;
  await engine.saveTable({ ...others, ...(rest.length > 0 ? { GlobalSecondaryIndexes: rest } : {}) });
  await engine.dropIndex(name, index);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
