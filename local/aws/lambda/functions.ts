import { randomUUID } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-lambda';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { Operation } from '../kit/service.ts';
import { describeVersion, mergeSettings } from './configuration.ts';
import { type LambdaContext, resolveVersion } from './context.ts';
import { conflict, functionArn, invalidParameter, LATEST, parseFunctionName, preconditionFailed } from './names.ts';
import type { FunctionRecord, VersionRecord } from './records.ts';

const PAGE = 50;

/** Creating, reading, updating and deleting functions. https://docs.aws.amazon.com/lambda/latest/api/ */
export function functionOperations(context: LambdaContext): Record<string, Operation> {
  const { cloud, records } = context;
  const describe = (record: FunctionRecord): sdk.FunctionConfiguration =>
    describeVersion(cloud, record, { version: record.latest });
  return {
    async CreateFunction(input: Input<sdk.CreateFunctionRequest>) {
      const { name } = parseFunctionName(input.FunctionName ?? '');
      if (records.find(name)) throw conflict(`Function already exist: ${name}`);
      if (!input.Code?.ImageUri)
        throw invalidParameter('The local cloud runs functions from container images only: Code.ImageUri is missing');
      const code = await context.resolveCode(input.Code.ImageUri);
      const settings = mergeSettings(name, input as Parameters<typeof mergeSettings>[1]);
      const latest = { ...stamp(), version: LATEST, settings, code, description: input.Description ?? '' };
      const record = records.save({ name, latest, nextVersion: 1, tags: input.Tags ?? {}, policy: {}, ready: false });
      context.prepare(record);
      return input.Publish ? publish(context, record, {}) : describe(record);
    },
    GetFunction(input: Input<sdk.GetFunctionRequest>) {
      const { record, version, qualifier } = resolveVersion(context, input.FunctionName ?? '', input.Qualifier);
      return {
        Configuration: describeVersion(cloud, record, { version, qualifier }),
        Code: {
          RepositoryType: 'ECR',
          ImageUri: version.code.imageUri,
          ResolvedImageUri: version.code.resolvedImageUri,
        },
        Tags: record.tags,
        ...(record.reservedConcurrency === undefined
          ? {}
          : { Concurrency: { ReservedConcurrentExecutions: record.reservedConcurrency } }),
      };
    },
    GetFunctionConfiguration(input: Input<sdk.GetFunctionConfigurationRequest>) {
      const { record, version, qualifier } = resolveVersion(context, input.FunctionName ?? '', input.Qualifier);
      return describeVersion(cloud, record, { version, qualifier });
    },
    async UpdateFunctionCode(input: Input<sdk.UpdateFunctionCodeRequest>) {
      const record = editable(context, input.FunctionName ?? '', input.RevisionId);
      if (!input.ImageUri)
        throw invalidParameter('The local cloud runs functions from container images only: ImageUri is missing');
      const code = await context.resolveCode(input.ImageUri);
      if (input.DryRun) return describe(record);
      const settings = input.Architectures
        ? { ...record.latest.settings, Architectures: input.Architectures }
        : record.latest.settings;
      const updated = replaceLatest(context, record, { code, settings });
      if (!input.Publish) return describe(updated);
      await context.prepared(updated.name);
      return publish(context, records.get(updated.name), {});
    },
    UpdateFunctionConfiguration(input: Input<sdk.UpdateFunctionConfigurationRequest>) {
      const record = editable(context, input.FunctionName ?? '', input.RevisionId);
      const settings = mergeSettings(record.name, input as Parameters<typeof mergeSettings>[1], record.latest.settings);
      const description = input.Description ?? record.latest.description;
      return describe(replaceLatest(context, record, { settings, description }));
    },
    async DeleteFunction(input: Input<sdk.DeleteFunctionRequest>) {
      const { name, qualifier } = parseFunctionName(input.FunctionName ?? '', input.Qualifier);
      records.get(name);
      if (qualifier === undefined) records.remove(name);
      else records.removeVersion(name, qualifier);
      await context.environments.discard(name, qualifier);
      return {};
    },
    ListFunctions(input: Input<sdk.ListFunctionsRequest>) {
      const functions = page(records.list(), {
        key: ({ name }) => name,
        after: input.Marker,
        limit: input.MaxItems ?? PAGE,
      });
      return { Functions: functions.items.map(describe), NextMarker: functions.next };
    },
    PublishVersion(input: Input<sdk.PublishVersionRequest>) {
      const record = editable(context, input.FunctionName ?? '', input.RevisionId);
      if (input.CodeSha256 && input.CodeSha256 !== describe(record).CodeSha256)
        throw invalidParameter('CodeSHA256 does not match');
      return publish(context, record, input.Description === undefined ? {} : { description: input.Description });
    },
    ListVersionsByFunction(input: Input<sdk.ListVersionsByFunctionRequest>) {
      const record = records.get(parseFunctionName(input.FunctionName ?? '').name);
      const all = [record.latest, ...records.versions(record.name)];
      const key = ({ version }: VersionRecord): string => (version === LATEST ? '' : version.padStart(10, '0'));
      const versions = page(all, { key, after: input.Marker, limit: input.MaxItems ?? PAGE });
      const described = versions.items.map((version) =>
        describeVersion(cloud, record, { version, qualifier: version.version }),
      );
      return { Versions: described, NextMarker: versions.next };
    },
  };
}

/** The function, refused while its last update is under way or when the caller knows an older revision. */
function editable(context: LambdaContext, functionName: string, revisionId?: string): FunctionRecord {
  const record = context.records.get(parseFunctionName(functionName).name);
  if (revisionId && revisionId !== record.latest.revisionId) throw preconditionFailed();
  if (!record.ready && record.failure === undefined) {
    throw conflict(
      `The operation cannot be performed at this time. An update is in progress for resource: ${functionArn(context.cloud, record.name)}`,
    );
  }
  return record;
}

function replaceLatest(
  context: LambdaContext,
  record: FunctionRecord,
  change: Partial<Pick<VersionRecord, 'code' | 'settings' | 'description'>>,
): FunctionRecord {
  const { failure: _, ...rest } = record;
  const updated = context.records.save({ ...rest, ready: false, latest: { ...record.latest, ...change, ...stamp() } });
  context.prepare(updated);
  return updated;
}

/** A new immutable version of `$LATEST`; the newest one again when nothing changed since. */
function publish(
  context: LambdaContext,
  record: FunctionRecord,
  options: { description?: string },
): sdk.FunctionConfiguration {
  const { cloud, records } = context;
  const newest = records.versions(record.name).at(-1);
  if (newest && sameCode(newest, record.latest)) {
    return describeVersion(cloud, record, { version: newest, qualifier: newest.version });
  }
  const version = {
    ...record.latest,
    ...stamp(),
    version: String(record.nextVersion),
    description: options.description ?? record.latest.description,
  };
  cloud.store.transaction(() => {
    records.addVersion(record.name, version);
    records.save({ ...record, nextVersion: record.nextVersion + 1 });
  });
  return describeVersion(cloud, record, { version, qualifier: version.version });
}

function sameCode(left: VersionRecord, right: VersionRecord): boolean {
  return (
    left.code.resolvedImageUri === right.code.resolvedImageUri &&
    JSON.stringify(left.settings) === JSON.stringify(right.settings)
  );
}

function stamp(): Pick<VersionRecord, 'revisionId' | 'lastModified'> {
  return { revisionId: randomUUID(), lastModified: new Date().toISOString().replace('Z', '+0000') };
}
