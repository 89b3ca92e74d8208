import type { RunningCloud } from '../../local/cli/cloud/launch.ts';
import { EDITED_FILE, roundDifferently } from '../../local/cli/story/edit.ts';
import type { Note, Row } from '../row.ts';
import { call, change, inCloud, secondsSince, timed, untilAnswer } from './cloud.ts';
import { costs } from './costs.ts';
import { sideBySide } from './side-by-side.ts';

const QUESTION = {
  path: '/v2/models/fuel-economy/infer',
  body: { inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: [4, 97, 67, 2065, 17.8, 1980, 2] }] },
};

type Part = 'one' | '10 side by side' | '30 side by side' | '50 side by side' | 'costs';

/** How long people wait for a preview on the local cloud, how many fit side by side, and what one costs while nobody looks. */
export async function* previews(part?: string): AsyncGenerator<Row | Note> {
  const wanted = (one: Part): boolean => part === undefined || part === one;
  if (wanted('one')) yield* inCloud(oneAfterTheOther);
  if (wanted('10 side by side')) yield* inCloud((cloud) => sideBySide(cloud, [1, 10]));
  if (wanted('30 side by side')) yield* inCloud((cloud) => sideBySide(cloud, [30]));
  if (wanted('50 side by side')) yield* inCloud((cloud) => sideBySide(cloud, [50]));
  if (wanted('costs')) yield* costs();
}

/** From the push until the preview's own new release gives the answer; the runs themselves end a little later. */
async function* oneAfterTheOther(cloud: RunningCloud): AsyncGenerator<Row> {
  const { text } = await call<{ text: string }>(cloud, 'file', { path: EDITED_FILE });
  const edit = roundDifferently(text);
  // The first of this cloud.
  const environment = 'pr-1';
  const question = { ...QUESTION, environment };
  const isOurs = (who: string): boolean => who.startsWith(`${environment} `);

  const first = performance.now();
  const opening = change(cloud, 'pr-open', { title: 'Bench', files: { [EDITED_FILE]: edit.text } });
  const opened = await Promise.race([untilAnswer(cloud, question, isOurs), opening.then(() => '')]);
  yield row('first preview: from push to answer', secondsSince(first));
  const { number } = (await opening).pullRequest;
  if (opened === '' || environment !== `pr-${number}`) throw new Error(`pull request ${number} gave no answer`);

  const again = performance.now();
  const files = { [EDITED_FILE]: `${edit.text}// Again.\n` };
  const pushing = change(cloud, 'pr-push', { number, files });
  await untilAnswer(cloud, question, (who) => isOurs(who) && who !== opened);
  yield row('update: from push to answer', secondsSince(again));
  await pushing;

  await change(cloud, 'pr-comment', { number, body: '/preview sleep' });
  const woken = await timed(() => untilAnswer(cloud, question, isOurs));
  yield row('wake: from first request to answer', woken.seconds);
  const closed = await timed(() => change(cloud, 'pr-close', { number }));
  yield row('destroy: from close to nothing left', closed.seconds);
}

const row = (what: string, seconds: number): Row => ({ bench: 'previews', case: what, unit: 's', ours: seconds });
