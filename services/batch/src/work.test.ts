import { memoryLog, memoryReporter } from '../../kit/test-support.ts';
import type { ComputerJob } from '../../kit/transform/child.ts';
import type { ComputerOutcome } from '../../kit/transform/computer.ts';
import { memoryFiles } from '../../kit/transform/test-files.ts';
import { planFiles, type Scope } from './plan.ts';
import { runBatch } from './work.ts';

const KEYS = [
  '-/sum/shared.f32',
  'acme/churn/a.csv',
  'acme/churn/a.csv.out',
  'acme/churn/b.csv',
  'acme/churn/b.csv.progress',
  'acme/churn/2026/c.jsonl',
  'acme/churn/notes.txt',
  'acme/sum/d.jsonl',
  'bolt/sum/e.jsonl',
  'ACME/sum/f.jsonl',
  'acme/g.jsonl',
];

test.each<[string, Scope, string[]]>([
  [
    'everything',
    {},
    ['-/sum/shared.f32', 'acme/churn/b.csv', 'acme/churn/2026/c.jsonl', 'acme/sum/d.jsonl', 'bolt/sum/e.jsonl'],
  ],
  ['a tenant', { tenant: 'acme' }, ['acme/churn/b.csv', 'acme/churn/2026/c.jsonl', 'acme/sum/d.jsonl']],
  ['a model of a tenant', { tenant: 'acme', model: 'sum' }, ['acme/sum/d.jsonl']],
  [
    'results elsewhere',
    { tenant: 'acme', model: 'churn', output: 'results/' },
    ['acme/churn/a.csv', 'acme/churn/b.csv', 'acme/churn/2026/c.jsonl'],
  ],
])('files of %s that have no result', (_, scope, expected) => {
  expect(planFiles(KEYS, '', scope).map(({ input }) => input)).toEqual(expected);
});

test('a result lies beside its file, or in the folder that was named', () => {
  expect(planFiles(['pr-1/acme/m/x/a.csv'], 'pr-1/', {})[0]).toMatchObject({
    tenant: 'acme',
    model: 'm',
    output: 'pr-1/acme/m/x/a.csv.out',
  });
  expect(planFiles(['acme/m/x/a.csv'], '', { output: 'done/' })[0]).toMatchObject({
    output: 'acme/m/done/x/a.csv.out',
  });
});

function world(compute: (job: ComputerJob) => ComputerOutcome, scope: Scope = {}) {
  const files = memoryFiles();
  const { log, lines } = memoryLog();
  const asked: string[] = [];
  const stop = new AbortController();
  const computer = {
    async compute(job: ComputerJob) {
      asked.push(job.input);
      const outcome = compute(job);
      if (outcome.kind === 'done') files.put(job.output, 'result');
      return outcome;
    },
  };
  const run = () => runBatch({ files, prefix: '', scope, computer, stopping: stop.signal, log, ...memoryReporter() });
  return { files, run, asked, lines, stop };
}

test('a file that cannot be predicted says why beside itself, and is tried again only when it is another one', async () => {
  const { files, run, asked } = world(({ input }) =>
    input.includes('bad')
      ? { kind: 'refused', reason: 'the file has no rows' }
      : { kind: 'done', rows: 2, failed: 1, version: '1' },
  );
  files.put('acme/sum/bad.csv', '');
  files.put('acme/sum/good.csv', '1');
  expect(await run()).toEqual({ files: 1, rows: 2, failedRows: 1, refused: 1, left: 0 });
  expect(files.text('acme/sum/bad.csv.error')).toContain('the file has no rows');
  await run();
  expect(asked).toEqual(['acme/sum/bad.csv', 'acme/sum/good.csv']);
  files.put('acme/sum/bad.csv', 'changed');
  await run();
  expect(asked).toHaveLength(3);
});

test('a file that took the place of one that was begun is a new try', async () => {
  let begun = 0;
  const { files, run } = world(() => {
    begun += 1;
    return begun === 1 ? { kind: 'changed' } : { kind: 'done', rows: 1, failed: 0, version: '1' };
  });
  files.put('acme/sum/a.csv', '1');
  files.put('acme/sum/a.csv.out.progress', '{}');
  expect(await run()).toMatchObject({ files: 1, refused: 0 });
  expect([...files.objects.keys()].sort()).toEqual(['acme/sum/a.csv', 'acme/sum/a.csv.out']);
});

test('what a run that was killed right behind a result left is removed, and nothing of the tenant', async () => {
  const { files, run } = world(() => ({ kind: 'done', rows: 1, failed: 0, version: '1' }));
  const kept = ['acme/sum/a.csv', 'acme/sum/a.csv.out', 'acme/sum/b.txt', 'acme/sum/b.txt.progress'];
  for (const key of [...kept, 'acme/sum/a.csv.out.progress']) files.put(key, '1');
  await run();
  expect([...files.objects.keys()].sort()).toEqual(kept);
});

test('a model that breaks is tried three times, and the next file has its turn', async () => {
  const { files, run, asked } = world(({ input }) =>
    input.includes('hangs')
      ? { kind: 'broken', reason: 'it hangs', rowsSeen: 0 }
      : { kind: 'done', rows: 1, failed: 0, version: '1' },
  );
  files.put('acme/sum/hangs.csv', '1');
  files.put('acme/sum/works.csv', '1');
  expect(await run()).toMatchObject({ files: 1, refused: 1 });
  expect(asked).toHaveLength(4);
  expect(files.text('acme/sum/hangs.csv.error')).toContain('it hangs');
});

test('when the time is over, the rest is left for the next run', async () => {
  const { files, run, asked, stop } = world(() => {
    stop.abort();
    return { kind: 'stopped' };
  });
  files.put('acme/sum/a.csv', '1');
  files.put('acme/sum/b.csv', '1');
  expect(await run()).toEqual({ files: 0, rows: 0, failedRows: 0, refused: 0, left: 2 });
  expect(asked).toEqual(['acme/sum/a.csv']);
});
