import type { Cloud } from '../../cloud.ts';
import type { Environments } from './environments.ts';
import { functionArn, LATEST, notFound, parseFunctionName } from './names.ts';
import type { AliasRecord, Code, FunctionRecord, LambdaRecords, VersionRecord } from './records.ts';

/** What the operations share. */
export interface LambdaContext {
  readonly cloud: Cloud;
  readonly records: LambdaRecords;
  readonly environments: Environments;
  /** The image that a URI with a tag or digest names now. Throws InvalidParameterValueException when there is none. */
  resolveCode(imageUri: string): Promise<Code>;
  /** Pulls the image of `$LATEST` in the background; the function is Pending until that is done. */
  prepare(record: FunctionRecord): void;
  /** Resolves when the pull that is under way for a function has ended. */
  prepared(name: string): Promise<void>;
}

export interface Resolved {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
  readonly qualifier?: string;
  readonly alias?: AliasRecord;
}

/** Finds the version that a name and qualifier mean; an alias means its main version. */
export function resolveVersion(
  context: Pick<LambdaContext, 'cloud' | 'records'>,
  functionName: string,
  given?: string,
): Resolved {
  const { cloud, records } = context;
  const { name, qualifier } = parseFunctionName(functionName, given);
  const record = records.get(name);
  if (qualifier === undefined || qualifier === LATEST) {
    return { record, version: record.latest, ...(qualifier === undefined ? {} : { qualifier }) };
  }
  const alias = records.findAlias(name, qualifier);
  const version = findVersion(records, record, alias?.version ?? qualifier);
  if (!version) throw notFound(`Function not found: ${functionArn(cloud, name, qualifier)}`);
  return { record, version, qualifier, ...(alias ? { alias } : {}) };
}

export function findVersion(
  records: LambdaRecords,
  record: FunctionRecord,
  version: string,
): VersionRecord | undefined {
  if (version === LATEST) return record.latest;
  return records.versions(record.name).find((candidate) => candidate.version === version);
}
