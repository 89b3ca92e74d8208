import { inspectFullPreview } from '../../pipeline/preview/full/inspect.ts';
import { project, synthesize } from '../../stacks/testing/program.ts';

test.each([false, true])(
  "a full preview of main's own stacks is nothing that would be refused (header: %s)",
  (header) => {
    const full = synthesize('/nowhere', { number: 7, place: 1, full: true, header }).get('preview-pr-7');
    expect(inspectFullPreview(JSON.parse(full?.text ?? ''), { project, environment: 'pr-7' })).toEqual([]);
  },
);
