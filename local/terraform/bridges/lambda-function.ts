import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { number, requireText, text, UNKNOWN, type Values } from '../schema/value.ts';
import { allTags, changed, changeTags, waitUntil } from './common.ts';
import { shapeOf } from './shape.ts';

const SERVICE = 'lambda';
const GONE = ['ResourceNotFoundException'];
const shape = shapeOf('aws_lambda_function', { style: 'pascal', rename: { kms_key_arn: 'KMSKeyArn' } });

const SETTINGS = [
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
const CODE = ['architectures', 'image_uri', 'source_code_hash'];
const READ = SETTINGS.filter((name) => !['image_config', 'layers', 'vpc_config'].includes(name));
const UNRESERVED = -1;

interface Configuration {
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

interface FunctionAnswer {
  readonly Configuration: Configuration;
  readonly Code?: { readonly ImageUri?: string };
  readonly Tags?: Values;
  readonly Concurrency?: { readonly ReservedConcurrentExecutions?: number };
}

const backend: Backend = {
  async create(planned, context) {
    const FunctionName = requireText(planned, 'function_name');
    if (planned['package_type'] !== 'Image') {
      const detail = 'Set package_type = "Image" and image_uri.';
      throw new ProviderError('The local cloud runs functions from container images only', detail, ['package_type']);
    }
    const { Version } = await context.call<Configuration>(SERVICE, 'CreateFunction', {
      FunctionName,
      PackageType: 'Image',
      Code: { ImageUri: text(planned, 'image_uri') },
      Publish: planned['publish'] === true,
      ...shape.toSdk(planned, [...SETTINGS, 'architectures']),
      Tags: allTags(planned),
    });
    await waitUntilReady(FunctionName, context);
    await reserve(FunctionName, planned, context);
    return { id: FunctionName, version: Version };
  },
  async read(state, context) {
    const FunctionName = requireText(state, 'id');
    const answer = await absentOn(GONE, () => context.call<FunctionAnswer>(SERVICE, 'GetFunction', { FunctionName }));
    return answer && attributes(answer, state, context);
  },
  async update(prior, planned, context): Promise<Values> {
    const FunctionName = requireText(prior, 'id');
    const isConfigured = changed(prior, planned, SETTINGS);
    const isRecoded = changed(prior, planned, CODE);
    if (isConfigured) {
      const input = { Environment: { Variables: {} }, Description: '', ...shape.toSdk(planned, SETTINGS) };
      await context.call(SERVICE, 'UpdateFunctionConfiguration', { FunctionName, ...input });
      await waitUntilReady(FunctionName, context);
    }
    if (isRecoded) {
      const code = { ImageUri: text(planned, 'image_uri'), ...shape.toSdk(planned, ['architectures']) };
      await context.call(SERVICE, 'UpdateFunctionCode', { FunctionName, ...code });
      await waitUntilReady(FunctionName, context);
    }
    if (changed(prior, planned, ['reserved_concurrent_executions'])) await reserve(FunctionName, planned, context);
    const Resource = requireText(prior, 'arn');
    await changeTags(prior, planned, {
      set: (_list, Tags) => context.call(SERVICE, 'TagResource', { Resource, Tags }),
      remove: (TagKeys) => context.call(SERVICE, 'UntagResource', { Resource, TagKeys }),
    });
    if (planned['publish'] !== true || !(isConfigured || isRecoded)) return {};
    const { Version } = await context.call<Configuration>(SERVICE, 'PublishVersion', { FunctionName });
    return { version: Version };
  },
  async delete(state, context) {
    if (state['skip_destroy'] === true) return;
    const FunctionName = requireText(state, 'id');
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteFunction', { FunctionName }));
  },
  importState: (id) => ({ id, function_name: id }),
};

async function reserve(FunctionName: string, planned: Values, context: Context): Promise<void> {
  const reserved = number(planned, 'reserved_concurrent_executions') ?? UNRESERVED;
  const input = { FunctionName, ReservedConcurrentExecutions: reserved };
  if (reserved !== UNRESERVED) await context.call(SERVICE, 'PutFunctionConcurrency', input);
  else await context.call(SERVICE, 'DeleteFunctionConcurrency', { FunctionName });
}

function waitUntilReady(FunctionName: string, context: Context): Promise<void> {
  return waitUntil(`Lambda Function (${FunctionName}) to be ready`, context, async () => {
    const { Configuration } = await context.call<FunctionAnswer>(SERVICE, 'GetFunction', { FunctionName });
    const { State, StateReason = '', LastUpdateStatus, LastUpdateStatusReason = StateReason } = Configuration;
    if (State === 'Failed' || LastUpdateStatus === 'Failed') {
      throw new ProviderError(`waiting for Lambda Function (${FunctionName}): ${LastUpdateStatusReason}`, '');
    }
    return State !== 'Pending' && LastUpdateStatus !== 'InProgress';
  });
}

function attributes(
  { Configuration, Code, Tags, Concurrency }: FunctionAnswer,
  state: Values,
  context: Context,
): Values {
  const { FunctionArn: arn, ImageConfigResponse } = Configuration;
  const version = text(state, 'version') ?? Configuration.Version;
  const image = ImageConfigResponse?.ImageConfig;
  return {
    ...shape.fromSdk(Configuration, READ),
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

export const lambdaFunction: ResourceDefinition = {
  backend,
  defaults: {
    memory_size: 128,
    package_type: 'Zip',
    publish: false,
    replace_security_groups_on_destroy: false,
    reserved_concurrent_executions: UNRESERVED,
    skip_destroy: false,
    timeout: 3,
  },
  forceNew: ['function_name', 'package_type'],
  computedBlocks: ['ephemeral_storage', 'logging_config', 'tracing_config'],
  recomputed: { last_modified: ['*'], code_sha256: CODE },
  oneOf: {
    package_type: ['Zip', 'Image'],
    architectures: ['x86_64', 'arm64'],
    'tracing_config.mode': ['Active', 'PassThrough'],
    'logging_config.log_format': ['JSON', 'Text'],
  },
  validate: (config) => conflicting(config, ['filename', 'image_uri', 's3_bucket']),
  adjustPlan(planned, prior): Values {
    // A published change makes a new version.
    if (!prior || planned['publish'] !== true || !changed(prior, planned, [...SETTINGS, ...CODE])) return {};
    return { version: UNKNOWN, qualified_arn: UNKNOWN, qualified_invoke_arn: UNKNOWN };
  },
};
