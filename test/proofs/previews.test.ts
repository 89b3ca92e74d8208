import fc from 'fast-check';
import { part } from './kit/share.ts';
import { violationsOf } from './previews/invariants.ts';
import { createModel, type Event } from './previews/model.ts';

// Runs that are killed keep what they listen to.
process.setMaxListeners(0);
const SEQUENCES = Number(process.env['SLIPWAY_SEQUENCES'] ?? part(5000));

const number = fc.integer({ min: 1, max: 4 });
const about = (
  type:
    | 'open'
    | 'push'
    | 'close'
    | 'lost close'
    | 'reopen'
    | 'delete branch'
    | 'fork'
    | 'label fork'
    | 'full'
    | 'visit',
) => number.map((of): Event => ({ type, number: of }));
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: about('open') },
  { weight: 4, arbitrary: about('push') },
  { weight: 3, arbitrary: about('close') },
  { weight: 2, arbitrary: about('lost close') },
  { weight: 2, arbitrary: about('reopen') },
  { weight: 1, arbitrary: about('delete branch') },
  { weight: 1, arbitrary: about('fork') },
  { weight: 1, arbitrary: about('label fork') },
  { weight: 1, arbitrary: about('full') },
  { weight: 2, arbitrary: about('visit') },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('command' as const),
      number,
      verb: fc.constantFrom('sleep' as const, 'wake' as const, 'extend' as const, 'destroy' as const),
      person: fc.constantFrom('writer' as const, 'writer' as const, 'stranger' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Event>({ type: 'sweep' }) },
  { weight: 2, arbitrary: fc.constant<Event>({ type: 'cancel' }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 25, 200).map((hours): Event => ({ type: 'time', hours })) },
  {
    weight: 8,
    arbitrary: fc
      .oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 150, max: 300 }))
      .map((count): Event => ({ type: 'steps', count })),
  },
);

test('after any story and one sweep, exactly the previews that should exist exist', async () => {
  const counts = { sequences: 0, events: 0, steps: 0, violations: 0 };
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 30, size: 'max' }),
      fc.integer({ min: 1 }),
      async (story, seed) => {
        const model = createModel(seed);
        const started = model.scheduler.now();
        for (const one of story) await model.happen(one);
        await model.finish();
        const violations = violationsOf(model, started);
        counts.sequences++;
        counts.events += story.length;
        counts.steps += model.scheduler.steps();
        counts.violations += violations.length;
        for (const { type } of story) seen[type] = (seen[type] ?? 0) + 1;
        expect(violations).toEqual([]);
      },
    ),
    { numRuns: SEQUENCES, seed: Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1e9), endOnFailure: false },
  );
  console.log(`previews: ${JSON.stringify({ ...counts, seen })}`);
});
