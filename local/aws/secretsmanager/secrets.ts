import { randomBytes, randomUUID } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const DAY = 24 * 60 * 60 * 1000;

export interface SecretVersion {
  readonly id: string;
  readonly text?: string;
  /** base64 */
  readonly binary?: string;
  readonly stages: readonly string[];
  /** Milliseconds since the epoch, as every time here. */
  readonly created: number;
}

export interface StoredSecret {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly keyId?: string;
  readonly tags: Tags;
  readonly policy?: string;
  readonly versions: readonly SecretVersion[];
  readonly created: number;
  readonly changed: number;
  /** When the secret goes away for good, if it has been deleted. */
  readonly deletion?: { readonly asked: number; readonly due: number };
}

export interface SecretValue {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
  readonly ClientRequestToken?: string | undefined;
}

export interface Secrets {
  all(): StoredSecret[];
  /** By name, ARN or ARN without its random suffix. */
  find(reference: string): StoredSecret;
  /** Like `find`, but refuses a secret that is scheduled for deletion. */
  usable(reference: string): StoredSecret;
  byName(name: string): StoredSecret | undefined;
  save(secret: StoredSecret): StoredSecret;
  remove(name: string): void;
}

export function openSecrets(cloud: Cloud): Secrets {
  const secrets: Collection<StoredSecret> = cloud.store.collection('secretsmanager/secrets');
  const byName = (name: string) => {
    const secret = secrets.get(name);
    if (!secret?.deletion || secret.deletion.due > cloud.now()) return secret;
    secrets.delete(name);
    return undefined;
  };
  const all = () => secrets.entries().flatMap(([name]) => byName(name) ?? []);
  const find = (reference: string) => {
    const name = reference.startsWith('arn:') ? nameInArn(reference, all()) : reference;
    const secret = name === undefined ? undefined : byName(name);
    if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };
  return {
    all,
    find,
    byName,
    usable(reference) {
      const secret = find(reference);
      if (secret.deletion) {
        throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
      }
      return secret;
    },
    save(secret) {
      secrets.set(secret.name, secret);
      return secret;
    },
    remove: (name) => void secrets.delete(name),
  };
}

function nameInArn(reference: string, secrets: readonly StoredSecret[]): string | undefined {
  const exact = secrets.find((secret) => secret.arn === reference);
  return (exact ?? secrets.find((secret) => secret.arn.replace(/-\w{6}$/, '') === reference))?.name;
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** ARNs of secrets end in six random characters, so that a new secret of an old name has another ARN. */
export function newSecretArn(cloud: Cloud, name: string): string {
  return arn(cloud, 'secretsmanager', `secret:${name}-${randomBytes(3).toString('hex')}`);
}

/** The version that a value makes, or undefined when the input carries no value. */
export function newVersion(input: SecretValue, now: number): SecretVersion | undefined {
  if (input.SecretString !== undefined && input.SecretBinary !== undefined) {
    throw invalidParameter("You can't specify both SecretString and SecretBinary.");
  }
  const id = input.ClientRequestToken ?? randomUUID();
  if (input.SecretString !== undefined) return { id, text: input.SecretString, stages: [], created: now };
  if (input.SecretBinary === undefined) return undefined;
  return { id, binary: Buffer.from(input.SecretBinary).toString('base64'), stages: [], created: now };
}

/**
 * Adds a version under the given stages. A stage leaves the version that had it; the one that was current becomes previous. The same
 * version id with the same value changes nothing, with another value it is refused.
 */
export function addVersion(secret: StoredSecret, version: SecretVersion, stages: readonly string[]): StoredSecret {
  const same = secret.versions.find(({ id }) => id === version.id);
  if (same) {
    if (same.text === version.text && same.binary === version.binary) return secret;
    const message = `A resource with the ID you requested already exists: ClientRequestToken ${version.id}.`;
    throw new AwsError('ResourceExistsException', message);
  }
  const added = { ...secret, versions: [...secret.versions, version], changed: version.created };
  return stages.reduce<StoredSecret>((changed, stage) => moveStage(changed, stage, version.id), added);
}

/** Puts a stage on a version (or, without one, nowhere) and drops versions that are left with none. */
export function moveStage(secret: StoredSecret, stage: string, to: string | undefined): StoredSecret {
  const from = secret.versions.find(({ stages }) => stages.includes(stage))?.id;
  const versions = secret.versions.map((version) => {
    const stages = new Set(version.stages);
    if (stage === CURRENT && from !== to) {
      stages.delete(PREVIOUS);
      if (version.id === from) stages.add(PREVIOUS);
    }
    stages.delete(stage);
    if (version.id === to) stages.add(stage);
    return { ...version, stages: [...stages] };
  });
  return { ...secret, versions: versions.filter(({ stages, id }) => stages.length > 0 || id === to) };
}

/** When a deletion that is asked for now takes effect. */
export function deletionDue(now: number, days: number | undefined, force: boolean | undefined): number {
  if (force && days !== undefined) {
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (force) return now;
  const window = days ?? 30;
  if (window < 7 || window > 30)
    throw invalidParameter('RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  return now + window * DAY;
}
