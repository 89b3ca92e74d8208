import type * as sdk from '@aws-sdk/client-lambda';
import type { Input } from '../kit/input.ts';
import type { Operation } from '../kit/service.ts';
import { withoutTags } from '../kit/tags.ts';
import type { LambdaContext } from './context.ts';
import { conflict, functionArn, notFound, parseFunctionName } from './names.ts';
import type { FunctionRecord, PolicyStatement } from './records.ts';

/** Resource policies, tags and reserved concurrency: recorded and told, not enforced. */
export function permissionOperations(context: LambdaContext): Record<string, Operation> {
  const { cloud, records } = context;
  const save = (record: FunctionRecord, qualifier: string, statements: readonly PolicyStatement[]): void => {
    records.save({ ...record, policy: { ...record.policy, [qualifier]: statements } });
  };
  return {
    AddPermission(input: Input<sdk.AddPermissionRequest>) {
      const { name, qualifier = '' } = parseFunctionName(input.FunctionName ?? '', input.Qualifier);
      const record = records.get(name);
      const statements = record.policy[qualifier] ?? [];
      if (statements.some(({ Sid }) => Sid === input.StatementId)) {
        throw conflict(
          `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        );
      }
      const statement = toStatement(input, functionArn(cloud, name, qualifier || undefined));
      save(record, qualifier, [...statements, statement]);
      return { Statement: JSON.stringify(statement) };
    },
    RemovePermission(input: Input<sdk.RemovePermissionRequest>) {
      const { name, qualifier = '' } = parseFunctionName(input.FunctionName ?? '', input.Qualifier);
      const record = records.get(name);
      const statements = record.policy[qualifier] ?? [];
      const kept = statements.filter(({ Sid }) => Sid !== input.StatementId);
      if (kept.length === statements.length)
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      save(record, qualifier, kept);
      return {};
    },
    GetPolicy(input: Input<sdk.GetPolicyRequest>) {
      const { name, qualifier = '' } = parseFunctionName(input.FunctionName ?? '', input.Qualifier);
      const record = records.get(name);
      const statements = record.policy[qualifier] ?? [];
      if (statements.length === 0) throw notFound('The resource you requested does not exist.');
      const policy = { Version: '2012-10-17', Id: 'default', Statement: statements };
      return { Policy: JSON.stringify(policy), RevisionId: record.latest.revisionId };
    },
    PutFunctionConcurrency(input: Input<sdk.PutFunctionConcurrencyRequest>) {
      const record = records.get(parseFunctionName(input.FunctionName ?? '').name);
      const reservedConcurrency = input.ReservedConcurrentExecutions ?? 0;
      records.save({ ...record, reservedConcurrency });
      return { ReservedConcurrentExecutions: reservedConcurrency };
    },
    GetFunctionConcurrency(input: Input<sdk.GetFunctionConcurrencyRequest>) {
      const { reservedConcurrency } = records.get(parseFunctionName(input.FunctionName ?? '').name);
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
    },
    DeleteFunctionConcurrency(input: Input<sdk.DeleteFunctionConcurrencyRequest>) {
      const { reservedConcurrency: _, ...record } = records.get(parseFunctionName(input.FunctionName ?? '').name);
      records.save(record);
      return {};
    },
    ListTags(input: Input<sdk.ListTagsRequest>) {
      return { Tags: records.get(parseFunctionName(input.Resource ?? '').name).tags };
    },
    TagResource(input: Input<sdk.TagResourceRequest>) {
      const record = records.get(parseFunctionName(input.Resource ?? '').name);
      records.save({ ...record, tags: { ...record.tags, ...input.Tags } });
      return {};
    },
    UntagResource(input: Input<sdk.UntagResourceRequest>) {
      const record = records.get(parseFunctionName(input.Resource ?? '').name);
      records.save({ ...record, tags: withoutTags(record.tags, input.TagKeys ?? []) });
      return {};
    },
  };
}

function toStatement(input: Input<sdk.AddPermissionRequest>, resource: string): PolicyStatement {
  const principal = input.Principal ?? '';
  const isService = principal.includes('.amazonaws.com');
  const conditions = {
    ...(input.SourceArn ? { ArnLike: { 'AWS:SourceArn': input.SourceArn } } : {}),
    ...(input.SourceAccount ? { StringEquals: { 'AWS:SourceAccount': input.SourceAccount } } : {}),
  };
  return {
    Sid: input.StatementId ?? '',
    Effect: 'Allow',
    Principal: isService ? { Service: principal } : principal === '*' ? '*' : { AWS: principal },
    Action: input.Action,
    Resource: resource,
    ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
  };
}
