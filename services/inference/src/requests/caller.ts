/** Who asks, for which model, and how long they wait. */
import type { RoutedRequest } from '../../../kit/http/request.ts';
import { isPart, parseModelName, showModelName } from '../../../kit/model/name.ts';

/**
 * `header`: the tenant is what `x-slipway-tenant` says, which whoever authenticates in front has to set and nobody else may; without it
 * only everybody's models may be asked. `trusted`: callers may name any tenant's model, because somebody else decides who may call at all
 * (IAM, for SageMaker and for a function without a load balancer).
 */
export const TENANCIES = ['header', 'trusted'] as const;
export type Tenancy = (typeof TENANCIES)[number];

export type Target =
  | { readonly ok: true; readonly name: string; readonly tenant: string }
  | { readonly ok: false; readonly status: 400 | 403; readonly error: string };

export const TENANT_HEADER = 'x-slipway-tenant';
const TARGET_MODEL_HEADERS = ['x-amzn-sagemaker-target-model', 'targetmodel'] as const;
const DEADLINE_HEADER = 'x-request-timeout-ms';
const DEFAULT_MILLISECONDS = 30_000;
const LONGEST_MILLISECONDS = 60_000;

/** The model that a request names in a header or its query, as SageMaker's clients do; the names of its archives end with `.tar.gz`. */
export function targetModel({ headers, query }: Pick<RoutedRequest, 'headers' | 'query'>): string | undefined {
  const given = headers[TARGET_MODEL_HEADERS[0]] ?? headers[TARGET_MODEL_HEADERS[1]];
  if (given !== undefined && given !== '') return stripArchive(given);
  const asked = query.get('TargetModel');
  return asked === null || asked === '' ? undefined : stripArchive(asked);
}

const stripArchive = (name: string): string => name.replace(/^\//, '').replace(/\.tar\.gz$/, '');

/**
 * Whose model a name means to this caller: a tenant's own one when the name has no tenant and there is one, else everybody's.
 * The answer to a name of another tenant is the same whether there is such a model or not.
 */
export function chooseTarget(name: string, tenantHeader: string | undefined, tenancy: Tenancy): Target {
  if (tenantHeader === undefined && !name.includes('/')) return { ok: true, name, tenant: '' };
  const tenant = tenantHeader ?? '';
  if (tenant !== '' && !isPart(tenant))
    return { ok: false, status: 400, error: `${TENANT_HEADER} has to be lower case letters, digits and hyphens` };
  const parsed = parseModelName(name);
  if (parsed?.tenant === undefined) return { ok: true, name, tenant };
  if (tenancy === 'trusted' && tenant === '') return { ok: true, name, tenant: parsed.tenant };
  if (parsed.tenant !== tenant)
    return {
      ok: false,
      status: 403,
      error:
        tenant === ''
          ? `${name} belongs to a tenant; say whose request this is`
          : `${tenant} may not use models of ${parsed.tenant}`,
    };
  return { ok: true, name: showModelName(parsed), tenant };
}

/** When the caller stops waiting, on the clock of `performance.now`; undefined when the header makes no sense. */
export function deadlineOf(headers: RoutedRequest['headers']): number | undefined {
  const given = headers[DEADLINE_HEADER];
  if (given === undefined) return performance.now() + DEFAULT_MILLISECONDS;
  const milliseconds = Number(given);
  if (!(milliseconds > 0)) return undefined;
  return performance.now() + Math.min(milliseconds, LONGEST_MILLISECONDS);
}
