import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { serviceAccess } from '../../manifest/access.ts';
import { tableName } from '../../manifest/names.ts';
import type { Manifest } from '../../manifest/types.ts';
import type { SeedTables } from '../../preview/ports.ts';

/** Most requests of one call. */
const BATCH = 25;
const MOST_ROWS = 1000;

interface Seeding extends DynamoDBClientConfig {
  /** The checkout with `services/<owner>/tables/<table>.json`: a list of items. */
  readonly root: string;
  readonly manifests: readonly Manifest[];
}

/** Fills the tables that a preview's services reach, those that are empty, with the rows that their owner has made up for that. */
export function createSeedTables({ root, manifests, ...options }: Seeding): SeedTables {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(options));
  return async (environment, services) => {
    const reached = manifests
      .filter(({ name }) => services.includes(name))
      .flatMap((manifest) => serviceAccess(manifest, manifests))
      .flatMap(({ type, declaration }) => (type === 'table' ? [declaration.name] : []));
    const counts = await Promise.all([...new Set(reached)].map((table) => fill(environment, table)));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  async function fill(environment: string, table: string): Promise<number> {
    const rows = readRows(root, manifests, table);
    const TableName = tableName(environment, table);
    if (rows.length === 0) return 0;
    const { Count = 0 } = await client.send(new ScanCommand({ TableName, Limit: 1 }));
    if (Count > 0) return 0;
    for (let start = 0; start < rows.length; start += BATCH) {
      const requests = rows.slice(start, start + BATCH).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }));
    }
    return rows.length;
  }
}

type Row = Record<string, unknown>;

function readRows(root: string, manifests: readonly Manifest[], table: string): readonly Row[] {
  const owner = manifests.find(({ owns }) => owns?.tables?.some(({ name }) => name === table));
  const file = `services/${owner?.name ?? ''}/tables/${table}.json`;
  let text: string;
  try {
    text = readFileSync(join(root, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows) || rows.length > MOST_ROWS)
    throw new Error(`${file} has to be a list of at most ${MOST_ROWS} items`);
  return rows as Row[];
}
