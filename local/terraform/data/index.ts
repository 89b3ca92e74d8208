import type { DataSource } from '../engine/definition.ts';
import { account } from './account.ts';
import { lookups } from './lookups.ts';
import { policyDocument } from './policy-document.ts';

/** Every data source that the local cloud supports. */
export const dataSources: Readonly<Record<string, DataSource>> = {
  ...account,
  ...lookups,
  aws_iam_policy_document: policyDocument,
};
