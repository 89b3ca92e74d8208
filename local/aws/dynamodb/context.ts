import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import type { Tags } from '../kit/tags.ts';
import type { Engine, Wire } from './engine.ts';

/** What DynamoDB knows about a table beyond dynalite: kept beside it, by table name. */
export interface TableSettings {
  readonly deletionProtection: boolean;
  readonly tableClass?: string;
  /** `SSESpecification` as it was given. */
  readonly encryption?: Wire;
  readonly onDemandThroughput?: Wire;
  readonly tags: Tags;
  readonly timeToLive?: { readonly attribute: string; readonly enabled: boolean };
  /** Point-in-time recovery: since when (milliseconds since the epoch) and for how many days back. */
  readonly recovery?: { readonly since: number; readonly days: number };
}

/** What the parts of the DynamoDB service share. */
export interface DynamoContext {
  readonly cloud: Cloud;
  readonly engine: Engine;
  readonly settings: Collection<TableSettings>;
  /** Runs writes one after another, so that a transaction sees and leaves a consistent state. */
  exclusive<Result>(work: () => Promise<Result>): Promise<Result>;
}

export const NO_SETTINGS: TableSettings = { deletionProtection: false, tags: {} };

export function createContext(cloud: Cloud, engine: Engine): DynamoContext {
  let last: Promise<unknown> = Promise.resolve();
  return {
    cloud,
    engine,
    settings: cloud.store.collection('dynamodb/settings'),
    exclusive(work) {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** Table name of a reference that may also be the table's ARN. */
export function tableName(reference: unknown): string {
  return String(reference).replace(/^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\//, '');
}
