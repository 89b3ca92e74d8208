import type { TableDeclaration } from '../../pipeline/manifest/types.ts';
import { type Construct, DynamodbTable } from '../cdktf.ts';

interface TableProperties {
  /** Physical name. */
  readonly name: string;
  readonly declaration: Omit<TableDeclaration, 'name'>;
  readonly keyArn: string;
  readonly deletionProtection: boolean;
  /** Request units per second at most. */
  readonly limits: { readonly reads: number; readonly writes: number };
}

/** An encrypted table without capacity planning that can be restored to any second of the last 35 days. */
export function createTable(scope: Construct, id: string, properties: TableProperties): DynamodbTable {
  const { name, declaration, keyArn, deletionProtection, limits } = properties;
  const { partitionKey, sortKey, timeToLive } = declaration;
  const keys = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: partitionKey,
    ...(sortKey === undefined ? {} : { rangeKey: sortKey }),
    attribute: keys.map((key) => ({ name: key, type: 'S' })),
    ...(timeToLive === undefined ? {} : { ttl: { attributeName: timeToLive, enabled: true } }),
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
    deletionProtectionEnabled: deletionProtection,
    onDemandThroughput: { maxReadRequestUnits: limits.reads, maxWriteRequestUnits: limits.writes },
    ...(deletionProtection ? { lifecycle: { preventDestroy: true } } : {}),
  });
}
