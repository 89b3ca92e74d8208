import type { Context } from '../engine/definition.ts';
import { text, type Values } from '../schema/value.ts';
import { shapeOf } from './shape.ts';

export const functionShape = shapeOf('aws_lambda_function', { style: 'pascal', rename: { kms_key_arn: 'KMSKeyArn' } });

export const SETTINGS = [
  'dead_letter_config',
  'description',
  'environment',
  'ephemeral_storage',
  'image_config',
  'kms_key_arn',
  'layers',
  'logging_config',
  'memory_size',
  'role',
  'timeout',
  'tracing_config',
  'vpc_config',
];
export const CODE = ['architectures', 'image_uri', 'source_code_hash'];
const READ = SETTINGS.filter((name) => !['image_config', 'layers', 'vpc_config'].includes(name));
export const UNRESERVED = -1;

export interface Configuration {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly Version: string;
  readonly State?: string;
  readonly StateReason?: string;
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
  readonly LastModified?: string;
  readonly CodeSha256?: string;
  readonly CodeSize?: number;
  readonly PackageType?: string;
  readonly Architectures?: string[];
  readonly ImageConfigResponse?: {
    readonly ImageConfig?: {
      readonly Command?: string[];
      readonly EntryPoint?: string[];
      readonly WorkingDirectory?: string;
    };
  };
}

export interface FunctionAnswer {
  readonly Configuration: Configuration;
  readonly Code?: { readonly ImageUri?: string };
  readonly Tags?: Values;
  readonly Concurrency?: { readonly ReservedConcurrentExecutions?: number };
}

export function functionAttributes(
  { Configuration, Code, Tags, Concurrency }: FunctionAnswer,
  state: Values,
  context: Context,
): Values {
  const { FunctionArn: arn, ImageConfigResponse } = Configuration;
  const version = text(state, 'version') ?? Configuration.Version;
  const image = ImageConfigResponse?.ImageConfig;
  return {
    ...functionShape.fromSdk(Configuration, READ),
    function_name: Configuration.FunctionName,
    arn,
    qualified_arn: `${arn}:${version}`,
    invoke_arn: invokeArn(context, arn),
    qualified_invoke_arn: invokeArn(context, `${arn}:${version}`),
    version,
    architectures: Configuration.Architectures ?? ['x86_64'],
    code_sha256: Configuration.CodeSha256 ?? '',
    source_code_size: Configuration.CodeSize ?? 0,
    image_uri: Code?.ImageUri ?? null,
    image_config: image
      ? [
          {
            command: image.Command ?? [],
            entry_point: image.EntryPoint ?? [],
            working_directory: image.WorkingDirectory ?? null,
          },
        ]
      : [],
    last_modified: Configuration.LastModified ?? '',
    package_type: Configuration.PackageType ?? 'Image',
    reserved_concurrent_executions: Concurrency?.ReservedConcurrentExecutions ?? UNRESERVED,
    tags_all: Tags ?? {},
  };
}

/** The ARN under which API Gateway calls a function. */
export const invokeArn = ({ region }: Context, arn: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
