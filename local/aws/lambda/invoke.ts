import type * as sdk from '@aws-sdk/client-lambda';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { findVersion, type LambdaContext, type Resolved, resolveVersion } from './context.ts';
import { functionArn, LATEST } from './names.ts';
import type { VersionRecord } from './records.ts';
import type { InvocationResult } from './runtime-api.ts';

/** Invoke: synchronous, asynchronous (`Event`) and `DryRun`. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function invokeOperations(context: LambdaContext): Record<string, Operation> {
  const { cloud, environments } = context;
  return {
    async Invoke(input: Input<sdk.InvocationRequest>) {
      const resolved = resolveVersion(context, input.FunctionName ?? '', input.Qualifier);
      if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
      await context.prepared(resolved.record.name);
      const version = chooseVersion(context, resolved);
      checkState(context, resolved.record.name, version);
      const run = environments.run(resolved.record.name, version, {
        payload: input.Payload ?? Buffer.from('{}'),
        ...(input.ClientContext ? { clientContext: Buffer.from(input.ClientContext, 'base64').toString('utf8') } : {}),
      });
      if (input.InvocationType === 'Event') {
        run.then(
          (result) => count(context, { resolved, version, hasFailed: result.kind !== 'answered' }),
          (error: unknown) =>
            cloud.log({ source: 'lambda', message: `asynchronous invocation failed: ${String(error)}` }),
        );
        return { StatusCode: 202 };
      }
      const result = await run;
      count(context, { resolved, version, hasFailed: result.kind !== 'answered' });
      return toResponse(result, version);
    },
  };
}

interface Counted {
  readonly resolved: Resolved;
  readonly version: VersionRecord;
  readonly hasFailed: boolean;
}

/**
 * Tells CloudWatch about an invocation through an alias, by the version that ran.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
function count({ cloud }: LambdaContext, { resolved: { record, alias }, version, hasFailed }: Counted): void {
  if (alias === undefined) return;
  const Dimensions = [
    { Name: 'FunctionName', Value: record.name },
    { Name: 'Resource', Value: `${record.name}:${alias.name}` },
    { Name: 'ExecutedVersion', Value: version.version },
  ];
  const MetricData = [
    { MetricName: 'Invocations', Value: 1, Dimensions },
    { MetricName: 'Errors', Value: hasFailed ? 1 : 0, Dimensions },
  ];
  // A local cloud may be composed without CloudWatch; a number that nobody takes is no failure of the invocation.
  cloud.invoke('monitoring', 'PutMetricData', { Namespace: 'AWS/Lambda', MetricData }).catch(() => undefined);
}

/** `$LATEST` with an image that could not be pulled runs nothing; published versions were pulled before. */
function checkState({ cloud, records }: LambdaContext, name: string, version: VersionRecord): void {
  const { failure } = records.get(name);
  if (failure === undefined || version.version !== LATEST) return;
  const message = `The operation cannot be performed at this time. The function ${functionArn(cloud, name)} is in a failed state: ${failure}`;
  throw new AwsError('ResourceConflictException', message, { status: 409 });
}

/** An alias with a second version sends its share of the requests there. */
function chooseVersion({ cloud, records }: LambdaContext, { record, version, alias }: Resolved): VersionRecord {
  // The record is read again: the pull that was waited for may have changed it.
  const current = version.version === LATEST ? records.get(record.name).latest : version;
  for (const [other, weight] of Object.entries(alias?.weights ?? {})) {
    if (Math.random() >= weight) continue;
    const second = findVersion(records, record, other);
    if (second) return second;
    cloud.log({
      source: 'lambda',
      message: `alias ${alias?.name} of ${record.name} names version ${other}, which is gone`,
    });
  }
  return current;
}

function toResponse(result: InvocationResult, version: VersionRecord): sdk.InvocationResponse {
  const base = { StatusCode: 200, ExecutedVersion: version.version };
  const failed = (errorType: string, errorMessage: string): sdk.InvocationResponse => ({
    ...base,
    FunctionError: 'Unhandled',
    Payload: Buffer.from(JSON.stringify({ errorType, errorMessage })) as never,
  });
  switch (result.kind) {
    case 'answered':
      return { ...base, Payload: result.payload as never };
    case 'error':
      return { ...base, FunctionError: 'Unhandled', Payload: result.payload as never };
    case 'timeout':
      return failed('Sandbox.Timedout', `Task timed out after ${version.settings.Timeout.toFixed(2)} seconds`);
    case 'gone':
      return failed('Runtime.ExitError', result.reason);
  }
}
