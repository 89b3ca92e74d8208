import type { ImageConfig } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

/** What a function is configured with; the members of Lambda's FunctionConfiguration that callers set. */
export interface Settings {
  readonly Role: string;
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Architectures: readonly string[];
  readonly Description?: string;
  readonly Environment?: Readonly<Record<string, string>>;
  readonly ImageConfig?: ImageConfig;
  readonly KMSKeyArn?: string;
  readonly LogGroup: string;
  readonly LogFormat: string;
  readonly TracingMode: string;
  readonly DeadLetterTarget?: string;
  readonly EphemeralStorage: number;
}

/** A function's code: an image, always resolved to a digest. */
export interface Code {
  readonly imageUri: string;
  readonly resolvedImageUri: string;
}

/** One published version, or `$LATEST`. */
export interface VersionRecord {
  readonly version: string;
  readonly settings: Settings;
  readonly code: Code;
  readonly revisionId: string;
  readonly lastModified: string;
  readonly description: string;
}

export interface FunctionRecord {
  readonly name: string;
  readonly latest: VersionRecord;
  readonly nextVersion: number;
  readonly tags: Tags;
  readonly reservedConcurrency?: number;
  /** Statements of the resource policy by qualifier (empty for the function itself). */
  readonly policy: Readonly<Record<string, readonly PolicyStatement[]>>;
  /** Why the image cannot run, once that is known. */
  readonly failure?: string;
  readonly ready: boolean;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly [member: string]: unknown;
}

export interface AliasRecord {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Additional version -> share of requests, 0 to 1. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
  /** Execution environments that are kept ready. */
  readonly provisioned?: number;
}

/** All that is known about functions; everything survives a restart of the local cloud. */
export interface LambdaRecords {
  find(name: string): FunctionRecord | undefined;
  /** Throws ResourceNotFoundException. */
  get(name: string): FunctionRecord;
  list(): FunctionRecord[];
  save(record: FunctionRecord): FunctionRecord;
  remove(name: string): void;
  versions(name: string): VersionRecord[];
  addVersion(name: string, version: VersionRecord): void;
  removeVersion(name: string, version: string): void;
  aliases(name: string): AliasRecord[];
  findAlias(name: string, alias: string): AliasRecord | undefined;
  saveAlias(name: string, alias: AliasRecord): AliasRecord;
  removeAlias(name: string, alias: string): void;
}

export function openRecords(cloud: Cloud): LambdaRecords {
  const functions = cloud.store.collection<FunctionRecord>('lambda/functions');
  const versions = cloud.store.collection<VersionRecord>('lambda/versions');
  const aliases = cloud.store.collection<AliasRecord>('lambda/aliases');
  const versionKey = (name: string, version: string): string => `${name}:${version.padStart(10, '0')}`;
  const values = <Value>(entries: [string, Value][]): Value[] => entries.map(([, value]) => value);
  const records: LambdaRecords = {
    find: (name) => functions.get(name),
    get(name) {
      const found = functions.get(name);
      if (found) return found;
      const arn = `arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:${name}`;
      throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, {
        status: 404,
        details: { Type: 'User' },
      });
    },
    list: () => values(functions.entries()),
    save(record) {
      functions.set(record.name, record);
      return record;
    },
    remove(name) {
      for (const [key] of versions.entries(`${name}:`)) versions.delete(key);
      for (const [key] of aliases.entries(`${name}:`)) aliases.delete(key);
      functions.delete(name);
    },
    versions: (name) => values(versions.entries(`${name}:`)),
    addVersion: (name, version) => versions.set(versionKey(name, version.version), version),
    removeVersion: (name, version) => void versions.delete(versionKey(name, version)),
    aliases: (name) => values(aliases.entries(`${name}:`)),
    findAlias: (name, alias) => aliases.get(`${name}:${alias}`),
    saveAlias(name, alias) {
      aliases.set(`${name}:${alias.name}`, alias);
      return alias;
    },
    removeAlias: (name, alias) => void aliases.delete(`${name}:${alias}`),
  };
  return records;
}
