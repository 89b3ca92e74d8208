import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate as nextTick } from 'node:timers/promises';
import { AwsError } from '../kit/service.ts';

/** Documents as DynamoDB's JSON carries them: attribute values such as `{"S": "text"}`, bytes in base64, times in seconds. */
export type Wire = Record<string, unknown>;
export type Item = Readonly<Record<string, Wire>>;

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: Wire;
  IndexStatus?: string;
  [attribute: string]: unknown;
}

/** A table as dynalite keeps it: the body of DescribeTable. */
export interface Table {
  readonly TableName: string;
  readonly TableArn: string;
  TableStatus: string;
  readonly KeySchema: readonly KeyElement[];
  AttributeDefinitions: readonly Wire[];
  GlobalSecondaryIndexes?: Index[];
  [attribute: string]: unknown;
}

type Callback<Value> = (error: DynaliteError | null | undefined, value: Value) => void;
type DynaliteError = Error & { statusCode?: number; body?: Wire & { __type: string; message?: string } };

interface SubDatabase {
  put(key: string, value: unknown, done: Callback<void>): void;
  del(key: string, done: Callback<void>): void;
  awsAccountId?: string;
  awsRegion?: string;
}

interface DynaliteStore {
  readonly db: { open(): Promise<void>; close(): Promise<void> };
  readonly tableDb: SubDatabase;
  getTable(name: string, checkStatus: boolean, done: Callback<Table>): void;
  deleteIndexDb(type: 'Global', table: string, index: string, done: Callback<void>): void;
}

interface Dynalite {
  create(options: object): DynaliteStore;
  checkConditional(data: Wire, item: Item | undefined): DynaliteError | null | undefined;
  updateIndexes(store: DynaliteStore, table: Table, before: Item | null, after: Item, done: Callback<void>): void;
}

interface Validations {
  checkTypes(data: Wire, types: object): Wire;
  checkValidations(data: Wire, types: object, custom: unknown, store: DynaliteStore): void;
}

const require = createRequire(import.meta.url);
const dynalite = require('dynalite/db') as Dynalite;
const validations = require('dynalite/validations') as Validations;

type Action = (store: DynaliteStore, data: Wire, done: Callback<Wire>) => void;

/** One operation of dynalite; the folder names are in lower camel case. */
function operationModules(operation: string): { action: Action; rules: { types: object; custom: unknown } } {
  const file = operation.charAt(0).toLowerCase() + operation.slice(1);
  return { action: require(`dynalite/actions/${file}`), rules: require(`dynalite/validations/${file}`) };
}

/** dynalite's modules in process, on a LevelDB folder. The only place that knows dynalite. */
export interface Engine {
  /** Checks a request as DynamoDB would and runs it. Throws `AwsError`. */
  run(operation: string, input: Wire): Promise<Wire>;
  /** Checks a request; the result can be given to `holds` and to `execute`. */
  validate(operation: string, input: Wire): Wire;
  execute(operation: string, validated: Wire): Promise<Wire>;
  /** Whether the condition of a validated request holds for the item that is there. */
  holds(validated: Wire, item: Item | undefined): boolean;
  table(name: string): Promise<Table>;
  saveTable(table: Table): Promise<void>;
  /** Removes the record of a table that was left half deleted. */
  forgetTable(name: string): Promise<void>;
  /** Adds an item that is already there to the table's indexes. */
  index(table: Table, item: Item): Promise<void>;
  dropIndex(table: string, index: string): Promise<void>;
  /** Waits until a table has been created, changed or deleted for good. */
  settled(name: string): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

export function openEngine(options: { folder: string; accountId: string; region: string }): Engine {
  mkdirSync(options.folder, { recursive: true });
  const times = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const store = dynalite.create({ path: options.folder, ...times });
  Object.assign(store.tableDb, { awsAccountId: options.accountId, awsRegion: options.region });

  const validate = (operation: string, input: Wire) => {
    const { rules } = operationModules(operation);
    return translated(() => {
      const data = validations.checkTypes(structuredClone(input), rules.types);
      validations.checkValidations(data, rules.types, rules.custom, store);
      return data;
    });
  };
  const execute = (operation: string, data: Wire) =>
    promised<Wire>((done) => operationModules(operation).action(store, data, done));
  const table = (name: string) => promised<Table>((done) => store.getTable(name, false, done));

  return {
    validate,
    execute,
    table,
    run: async (operation, input) => execute(operation, validate(operation, input)),
    holds: (validated, item) => !dynalite.checkConditional(validated, item),
    saveTable: (changed) => promised((done) => store.tableDb.put(changed.TableName, changed, done)),
    forgetTable: (name) => promised((done) => store.tableDb.del(name, done)),
    index: (into, item) => promised((done) => dynalite.updateIndexes(store, into, null, item, done)),
    dropIndex: (name, index) => promised((done) => store.deleteIndexDb('Global', name, index, done)),
    async settled(name) {
      for (;;) {
        const found = await table(name).catch(() => undefined);
        if (!found || found.TableStatus === 'ACTIVE') return;
        await nextTick();
      }
    },
    open: () => store.db.open(),
    close: () => store.db.close(),
  };
}

function promised<Value>(work: (done: Callback<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    work((error, value) => (error ? reject(asAwsError(error)) : resolve(value)));
  });
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asAwsError(error as DynaliteError);
  }
}

function asAwsError(error: DynaliteError): Error {
  if (!error.body) return error;
  const name = error.body.__type.split('#').at(-1) ?? 'ValidationException';
  return new AwsError(name, error.body.message ?? '', { status: error.statusCode ?? 400 });
}
