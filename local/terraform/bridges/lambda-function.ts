import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { number, requireText, text, UNKNOWN, type Values } from '../schema/value.ts';
import { allTags, changed, changeTags, waitUntil } from './common.ts';
import {
  CODE,
  type Configuration,
  type FunctionAnswer,
  functionAttributes,
  functionShape,
  SETTINGS,
  UNRESERVED,
} from './lambda-function-shape.ts';

const SERVICE = 'lambda';
const GONE = ['ResourceNotFoundException'];

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
      ...functionShape.toSdk(planned, [...SETTINGS, 'architectures']),
      Tags: allTags(planned),
    });
    return { id: FunctionName, version: Version };
  },
  async complete(created, context) {
    const FunctionName = requireText(created, 'id');
    await waitUntilReady(FunctionName, context);
    await reserve(FunctionName, created, context);
  },
  async read(state, context) {
    const FunctionName = requireText(state, 'id');
    const answer = await absentOn(GONE, () => context.call<FunctionAnswer>(SERVICE, 'GetFunction', { FunctionName }));
    return answer && functionAttributes(answer, state, context);
  },
  async update(prior, planned, context): Promise<Values> {
    const FunctionName = requireText(prior, 'id');
    const isConfigured = changed(prior, planned, SETTINGS);
    const isRecoded = changed(prior, planned, CODE);
    if (isConfigured) {
      const input = { Environment: { Variables: {} }, Description: '', ...functionShape.toSdk(planned, SETTINGS) };
      await context.call(SERVICE, 'UpdateFunctionConfiguration', { FunctionName, ...input });
      await waitUntilReady(FunctionName, context);
    }
    if (isRecoded) {
      const code = { ImageUri: text(planned, 'image_uri'), ...functionShape.toSdk(planned, ['architectures']) };
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

export const lambdaFunction: ResourceDefinition = {
  backend,
  defaults: {
    memory_size: 128,
    package_type: 'Zip',
    publish: false,
    reserved_concurrent_executions: UNRESERVED,
    skip_destroy: false,
    timeout: 3,
  },
  forceNew: ['function_name', 'package_type', 'tenancy_config'],
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
