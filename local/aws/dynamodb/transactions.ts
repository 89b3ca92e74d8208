import { createHash, randomUUID } from 'node:crypto';
import type { TransactGetItemsInput, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { type DynamoContext, tableName } from './context.ts';
import type { Engine, Item, Wire } from './engine.ts';
import { keyOf } from './items.ts';
import { fromWire, toWire } from './wire.ts';

const OPERATIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
} as const;
const MOST_ITEMS = 100;
const TOKEN_LIFETIME = 10 * 60 * 1000;

/** One item of a transaction, with what was there before, so that it can be put back. */
interface Step {
  readonly kind: keyof typeof OPERATIONS;
  readonly table: string;
  readonly key: Item;
  readonly before?: Item;
  readonly validated: Wire;
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

type Undo = Pick<Step, 'table' | 'key' | 'before'>;

/** TransactWriteItems and TransactGetItems: all under one lock; a journal in the store undoes what a crash left half done. */
export function transactionOperations(context: DynamoContext) {
  const { cloud, engine, exclusive } = context;
  return {
    TransactWriteItems: (input: Input<TransactWriteItemsInput>) =>
      exclusive(() => once(cloud, input, () => write(context, toWire('TransactWriteItems', input)))),
    TransactGetItems: (input: Input<TransactGetItemsInput>) =>
      exclusive(async () => {
        const { TransactItems: items } = toWire('TransactGetItems', input) as { TransactItems: { Get: Wire }[] };
        checkCount(items);
        const responses = [];
        for (const { Get } of items) {
          const request = { ...Get, TableName: tableName(Get['TableName']), ConsistentRead: true };
          responses.push(await engine.run('GetItem', request));
        }
        return fromWire<object>('TransactGetItems', { Responses: responses });
      }),
  };
}

/** Undoes transactions that a crash interrupted. To be called before anything is served. */
export async function undoInterrupted({ cloud, engine }: DynamoContext): Promise<void> {
  const journal = openJournal(cloud);
  for (const [id, undo] of journal.entries()) {
    const tables = new Set((await engine.run('ListTables', {}))['TableNames'] as string[]);
    await putBack(
      engine,
      undo.filter(({ table }) => tables.has(table)),
    );
    journal.delete(id);
    cloud.log({ source: 'dynamodb', message: `undid an interrupted transaction on ${undo.length} items` });
  }
}

function openJournal(cloud: Cloud) {
  return cloud.store.collection<readonly Undo[]>('dynamodb/journal');
}

async function write({ cloud, engine }: DynamoContext, request: Wire): Promise<object> {
  const items = request['TransactItems'] as readonly Record<string, Wire>[];
  checkCount(items);
  const steps: Step[] = [];
  const reasons: Reason[] = [];
  for (const item of items) {
    const step = await readStep(engine, item);
    if (steps.some((other) => isSame(other, step))) {
      throw invalid('Transaction request cannot include multiple operations on one item');
    }
    steps.push(step);
    reasons.push(reasonAgainst(engine, step, item));
  }
  if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
  await apply({ cloud, engine }, steps);
  return {};
}

async function readStep(engine: Engine, item: Readonly<Record<string, Wire>>): Promise<Step> {
  const kinds = Object.keys(item) as (keyof typeof OPERATIONS)[];
  const [kind] = kinds;
  if (kinds.length !== 1 || !kind) {
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const { ReturnValuesOnConditionCheckFailure: _wanted, ...request } = item[kind] ?? {};
  const table = tableName(request['TableName']);
  const validated = engine.validate(OPERATIONS[kind], { ...request, TableName: table });
  const key = (request['Key'] as Item | undefined) ?? (await keyOf(engine, table, request['Item'] as Item));
  const { Item: before } = await engine.run('GetItem', { TableName: table, Key: key, ConsistentRead: true });
  return { kind, table, key, validated, ...(before ? { before: before as Item } : {}) };
}

function isSame(one: Step, other: Step): boolean {
  const id = ({ table, key }: Step) =>
    JSON.stringify([table, Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  return id(one) === id(other);
}

function reasonAgainst(engine: Engine, step: Step, item: Readonly<Record<string, Wire>>): Reason {
  if (engine.holds(step.validated, step.before)) return { Code: 'None' };
  const wanted = item[step.kind]?.['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD';
  return {
    Code: 'ConditionalCheckFailed',
    Message: 'The conditional request failed',
    ...(wanted && step.before ? { Item: step.before } : {}),
  };
}

async function apply(
  { cloud, engine }: Pick<DynamoContext, 'cloud' | 'engine'>,
  steps: readonly Step[],
): Promise<void> {
  const journal = openJournal(cloud);
  const id = randomUUID();
  const writes = steps.filter(({ kind }) => kind !== 'ConditionCheck');
  const undo = writes.map(({ table, key, before }) => ({ table, key, ...(before ? { before } : {}) }));
  journal.set(id, undo);
  let at = 0;
  try {
    for (; at < writes.length; at++) {
      const step = writes[at];
      if (step) await engine.execute(OPERATIONS[step.kind], step.validated);
    }
  } catch (error) {
    await putBack(engine, undo.slice(0, at));
    if (!(error instanceof AwsError)) throw error;
    const failed = { Code: 'ValidationError', Message: error.message };
    throw cancelled(steps.map((step) => (step === writes[at] ? failed : { Code: 'None' })));
  } finally {
    journal.delete(id);
  }
}

async function putBack(engine: Engine, undo: readonly Undo[]): Promise<void> {
  for (const { table, key, before } of undo) {
    if (before) await engine.run('PutItem', { TableName: table, Item: before });
    else await engine.run('DeleteItem', { TableName: table, Key: key });
  }
}

/** Runs a transaction at most once for a request token within ten minutes. */
async function once(cloud: Cloud, input: Input<TransactWriteItemsInput>, work: () => Promise<object>): Promise<object> {
  const token = input.ClientRequestToken;
  if (!token) return work();
  const tokens = cloud.store.collection<{ hash: string; expires: number }>('dynamodb/tokens');
  for (const [key, { expires }] of tokens.entries()) if (expires < cloud.now()) tokens.delete(key);
  const hash = createHash('sha256')
    .update(JSON.stringify(toWire('TransactWriteItems', input)))
    .digest('hex');
  const earlier = tokens.get(token);
  if (earlier && earlier.hash !== hash) {
    const message =
      'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.';
    throw new AwsError('IdempotentParameterMismatchException', message);
  }
  if (earlier) return {};
  const result = await work();
  tokens.set(token, { hash, expires: cloud.now() + TOKEN_LIFETIME });
  return result;
}

function checkCount(items: readonly unknown[]): void {
  if (items.length === 0 || items.length > MOST_ITEMS) {
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${MOST_ITEMS}`,
    );
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function cancelled(reasons: readonly Reason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  // The shape of a reason's item is that of GetItem's, so that bytes reach in-process callers as bytes too.
  const details = reasons.map(({ Item, ...reason }) => ({
    ...reason,
    ...(Item ? fromWire<object>('GetItem', { Item }) : {}),
  }));
  return new AwsError('TransactionCanceledException', message, { details: { CancellationReasons: details } });
}
