import type { Manifest } from '../pipeline/manifest/types.ts';
import { allow, type Statement } from './constructs/policy.ts';
import type { EnvironmentSettings } from './environments.ts';

type Traces = Pick<EnvironmentSettings, 'tracing'>;

const isTraced = ({ kind }: Pick<Manifest, 'kind'>, { tracing }: Traces): boolean =>
  kind === 'web' && tracing !== undefined;

/** What services/kit/tracing goes by. */
export const tracingVariables = (
  manifest: Pick<Manifest, 'kind'>,
  settings: Traces,
): Readonly<Record<string, string>> =>
  isTraced(manifest, settings) ? { TRACING_SHARE: String(settings.tracing?.share) } : {};

/** AWS knows no resource for it. */
export const tracingStatements = (manifest: Pick<Manifest, 'kind'>, settings: Traces): readonly Statement[] =>
  isTraced(manifest, settings) ? [allow(['xray:PutTraceSegments'], ['*'])] : [];
