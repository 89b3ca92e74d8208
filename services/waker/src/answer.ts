import { type Answer, html, json } from '../../kit/http/answer.ts';
import type { App } from '../../kit/http/app.ts';
import type { Context } from '../../kit/run.ts';
import { page } from './page.ts';
import type { Woken } from './wake.ts';

interface Waking {
  readonly wake: (number: number) => Promise<Woken>;
  readonly log: Pick<Context['log'], 'info'>;
}

/** Seconds after which it is worth asking again. */
const RETRY_SECONDS = 2;

/** Answers whatever is asked of a preview that sleeps: people get a page that reloads itself, programs a 503 that says when to come back. */
export function answerFor({ wake, log }: Waking): App {
  return async ({ headers, target, method }) => {
    const number = Number(/^pr-([1-9]\d{0,5})\.preview\./.exec(headers['host'] ?? '')?.[1]);
    if (!Number.isInteger(number)) return json(200, { service: 'waker', about: 'wakes previews that sleep' });
    const woken = await wake(number);
    log.info('asked for a preview that sleeps', { preview: number, woken, method, target: target.slice(0, 200) });
    return answer(number, woken, headers['accept'] ?? '');
  };
}

function answer(number: number, woken: Woken, accept: string): Answer {
  const seconds = woken === 'awake' ? 0 : RETRY_SECONDS;
  const headers = { 'retry-after': String(seconds), 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow' };
  if (accept.includes('text/html')) return html(503, page(number, seconds), headers);
  const error = `The preview of pull request ${number} ${woken === 'awake' ? 'is awake; ask again' : 'is waking up; ask again in a moment'}`;
  return json(503, { error }, headers);
}
