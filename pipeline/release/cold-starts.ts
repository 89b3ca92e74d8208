/** After a release: how long its functions take to start, compared with the release before. */
import { type ColdStart, compareColdStarts, readColdStart } from '../report/cold-start.ts';
import type { Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { FunctionTemplate } from './template.ts';
import type { Release } from './types.ts';

/** The line stands at the beginning of a log stream; CloudWatch gives this many at once. */
const LINES = 10_000;

export interface Released {
  readonly plan: Plan;
  readonly release: Release;
  /** The one that served before. */
  readonly head?: Release;
}

/**
 * Says how long each function that moved takes to start. What its log does not tell, because the log is gone or the function was kept warm, is
 * left out: this never fails a release.
 * @returns a warning for each that starts noticeably slower than before
 */
export async function reportColdStarts(
  { plan, release, head }: Released,
  { observe, progress }: Pick<ReleasePorts, 'observe' | 'progress'>,
): Promise<readonly string[]> {
  const compared = plan.moves.map(async ({ service, template }) => {
    if (template.kind !== 'function') return undefined;
    const read = (one: Release | undefined) => readFrom(one, { service, template, observe });
    const [now, before] = await Promise.all([read(release), read(head)]);
    return now && compareColdStarts(service, now, before);
  });
  const known = (await Promise.all(compared)).flatMap((one) => (one ? [one] : []));
  for (const { text } of known) progress.line(text);
  return known.flatMap(({ slower, text }) => (slower ? [text] : []));
}

interface Where {
  readonly service: string;
  readonly template: FunctionTemplate;
  readonly observe: ReleasePorts['observe'];
}

/** A version starts for the first time while its release is made: that day's streams hold it. */
async function readFrom(
  release: Release | undefined,
  { service, template, observe }: Where,
): Promise<ColdStart | undefined> {
  const revision = release?.services[service]?.revision;
  const { logGroup, functionName } = template;
  if (release === undefined || revision === undefined || logGroup === undefined) return undefined;
  const day = (release.finishedAt ?? release.createdAt).slice(0, 10).replaceAll('-', '/');
  const streamPrefix = `${day}/${functionName}[${revision}]`;
  return readColdStart(await observe.lastLogLines({ group: logGroup, streamPrefix, lines: LINES }).catch(() => []));
}
