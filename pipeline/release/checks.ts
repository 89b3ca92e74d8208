import { isDeepStrictEqual } from 'node:util';
import type { Check, Matcher } from '../manifest/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpResponse, SendHttp } from '../ports/http.ts';
import { redact } from '../rollout/redact.ts';

/** A check that did not answer as expected, in words. */
export interface FailedCheck {
  readonly service: string;
  readonly check: string;
  /** `POST https://.../v2/models/x/infer` */
  readonly request: string;
  readonly expected: string;
  readonly actual: string;
}

const ATTEMPTS = 3;
const RETRY_MS = 500;
const TIMEOUT_MS = 10_000;

/** What is wrong with an answer; undefined when it is as expected. Pure. */
export function compareAnswer(
  { expect }: Check,
  answer: HttpResponse,
): { readonly expected: string; readonly actual: string } | undefined {
  if (answer.status !== expect.status) {
    return { expected: `status ${expect.status}`, actual: `status ${answer.status}: ${excerpt(answer.body)}` };
  }
  if (expect.contains !== undefined && !answer.body.includes(expect.contains)) {
    return { expected: `a body that contains ${JSON.stringify(expect.contains)}`, actual: excerpt(answer.body) };
  }
  if (expect.json === undefined) return undefined;
  const parsed = parseJson(answer.body);
  if (parsed === undefined) return { expected: 'a JSON body', actual: excerpt(answer.body) };
  for (const [path, matcher] of Object.entries(expect.json)) {
    const value = valueAt(parsed.value, path);
    if (!matches(matcher, value)) {
      return {
        expected: `${path} ${describeMatcher(matcher)}`,
        actual: `${path} is ${JSON.stringify(value) ?? 'missing'}`,
      };
    }
  }
  return undefined;
}

/** The start of an answer as everyone who may read the run is shown it. */
const excerpt = (body: string): string => {
  const shown = redact(body);
  return shown.length > 300 ? `${shown.slice(0, 300)}...` : shown || '(empty body)';
};

function parseJson(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    return (at as Record<string, unknown>)[name];
  }, value);
}

function matches(matcher: Matcher, value: unknown): boolean {
  if ('equals' in matcher) return isDeepStrictEqual(matcher.equals, value);
  const [low, high] = matcher.between;
  return typeof value === 'number' && value >= low && value <= high;
}

const describeMatcher = (matcher: Matcher): string =>
  'equals' in matcher
    ? `equals ${JSON.stringify(matcher.equals)}`
    : `is between ${matcher.between[0]} and ${matcher.between[1]}`;

export interface CheckRun {
  readonly baseUrl: string;
  readonly checks: readonly { readonly service: string; readonly check: Check }[];
  readonly send: SendHttp;
  readonly clock: Clock;
}

/** Sends every check at once; each gets three attempts, because an alias or a target needs a moment to be the one that answers. */
export async function runChecks(run: CheckRun): Promise<readonly FailedCheck[]> {
  const results = await Promise.all(run.checks.map(({ service, check }) => attempt(run, service, check)));
  return results.filter((result) => result !== undefined);
}

async function attempt(run: CheckRun, service: string, check: Check): Promise<FailedCheck | undefined> {
  const method = check.method ?? 'GET';
  const url = run.baseUrl + check.path;
  let difference: { readonly expected: string; readonly actual: string } | undefined;
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    if (attempts > 0) await run.clock.sleep(RETRY_MS);
    try {
      const answer = await run.send({ method, url, body: check.body, timeoutMs: TIMEOUT_MS });
      difference = compareAnswer(check, answer);
    } catch (error) {
      difference = { expected: `status ${check.expect.status}`, actual: `no answer: ${messageOf(error)}` };
    }
    if (difference === undefined) return undefined;
  }
  return difference && { service, check: check.name, request: `${method} ${url}`, ...difference };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
