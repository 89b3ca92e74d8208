import * as dynamodb from '@aws-sdk/client-dynamodb';
import { fromJson, toJson } from '../kit/json.ts';
import { readModel } from '../kit/model.ts';
import type { Wire } from './engine.ts';

const { operations } = readModel(dynamodb as unknown as Readonly<Record<string, unknown>>);

/** An SDK input (bytes as Uint8Array, times as Date) as DynamoDB's JSON. */
export function toWire(operation: string, input: object): Wire {
  return toJson(schemas(operation).input, input) as Wire;
}

/** DynamoDB's JSON as an SDK output. */
export function fromWire<Output extends object>(operation: string, output: Wire): Output {
  return fromJson(schemas(operation).output, output) as Output;
}

function schemas(operation: string) {
  const model = operations.get(operation);
  if (!model) throw new Error(`the DynamoDB client knows no operation ${operation}`);
  return model;
}
