import type { FunctionConfiguration, ImageConfig } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../cloud.ts';
import { functionArn, LATEST } from './names.ts';
import type { FunctionRecord, Settings, VersionRecord } from './records.ts';

/** A version as Lambda describes it. `qualifier` is how the caller named it, because it becomes part of the ARN. */
export function describeVersion(
  cloud: Cloud,
  record: FunctionRecord,
  described: { version: VersionRecord; qualifier?: string | undefined },
): FunctionConfiguration {
  const { version, qualifier } = described;
  const { settings } = version;
  return {
    FunctionName: record.name,
    FunctionArn: functionArn(cloud, record.name, qualifier),
    Version: version.version,
    RevisionId: version.revisionId,
    LastModified: version.lastModified,
    Description: version.description,
    PackageType: 'Image',
    CodeSize: 0,
    CodeSha256: version.code.resolvedImageUri.split('@sha256:')[1] ?? '',
    ...stateOf(record, version),
    ...settingsOf(settings),
  };
}

function stateOf(record: FunctionRecord, version: VersionRecord): Partial<FunctionConfiguration> {
  if (version.version !== LATEST || record.ready) return { State: 'Active', LastUpdateStatus: 'Successful' };
  if (record.failure === undefined)
    return { State: 'Pending', StateReasonCode: 'Creating', LastUpdateStatus: 'InProgress' };
  return {
    State: 'Failed',
    StateReason: record.failure,
    StateReasonCode: 'InvalidImage',
    LastUpdateStatus: 'Failed',
    LastUpdateStatusReason: record.failure,
    LastUpdateStatusReasonCode: 'InvalidImage',
  };
}

function settingsOf(settings: Settings): Partial<FunctionConfiguration> {
  return {
    Role: settings.Role,
    MemorySize: settings.MemorySize,
    Timeout: settings.Timeout,
    Architectures: settings.Architectures as FunctionConfiguration['Architectures'],
    EphemeralStorage: { Size: settings.EphemeralStorage },
    TracingConfig: { Mode: settings.TracingMode as 'Active' | 'PassThrough' },
    LoggingConfig: { LogFormat: settings.LogFormat as 'JSON' | 'Text', LogGroup: settings.LogGroup },
    ...(settings.Environment ? { Environment: { Variables: { ...settings.Environment } } } : {}),
    ...(settings.ImageConfig ? { ImageConfigResponse: { ImageConfig: settings.ImageConfig } } : {}),
    ...(settings.KMSKeyArn ? { KMSKeyArn: settings.KMSKeyArn } : {}),
    ...(settings.DeadLetterTarget ? { DeadLetterConfig: { TargetArn: settings.DeadLetterTarget } } : {}),
  };
}

/** The settable members of a create or update request, over what was there before. */
export function mergeSettings(
  name: string,
  input: Partial<FunctionConfiguration> & {
    Environment?: { Variables?: Record<string, string> };
    ImageConfig?: ImageConfig;
  },
  before?: Settings,
): Settings {
  const variables = input.Environment?.Variables ?? before?.Environment;
  const image = input.ImageConfig ?? before?.ImageConfig;
  const key = input.KMSKeyArn ?? before?.KMSKeyArn;
  const deadLetters = input.DeadLetterConfig?.TargetArn ?? before?.DeadLetterTarget;
  return {
    Role: input.Role ?? before?.Role ?? '',
    MemorySize: input.MemorySize ?? before?.MemorySize ?? 128,
    Timeout: input.Timeout ?? before?.Timeout ?? 3,
    Architectures: input.Architectures ?? before?.Architectures ?? ['x86_64'],
    EphemeralStorage: input.EphemeralStorage?.Size ?? before?.EphemeralStorage ?? 512,
    TracingMode: input.TracingConfig?.Mode ?? before?.TracingMode ?? 'PassThrough',
    LogFormat: input.LoggingConfig?.LogFormat ?? before?.LogFormat ?? 'Text',
    LogGroup: input.LoggingConfig?.LogGroup ?? before?.LogGroup ?? `/aws/lambda/${name}`,
    ...(variables ? { Environment: variables } : {}),
    ...(image ? { ImageConfig: image } : {}),
    ...(key ? { KMSKeyArn: key } : {}),
    ...(deadLetters ? { DeadLetterTarget: deadLetters } : {}),
  };
}
