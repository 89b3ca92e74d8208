import { reservePlace, takePlace } from './places.ts';
import { createMemoryDocuments } from './testing.ts';

const CAPACITY = { rules: 90, targetGroups: 96 };
const wanted = (number: number) => ({ number, rules: 1, targetGroups: 1, sleeps: true });

test('the place follows from the number, and stays', () => {
  const first = reservePlace({}, wanted(7), CAPACITY);
  expect(first).toMatchObject({ ok: true, place: { place: 7, rules: 2 } });
  expect(first.ok && reservePlace(first.places, wanted(7), CAPACITY)).toMatchObject({ place: { place: 7 } });
});

test('one that costs nothing while nobody asks never sleeps, and has room for no rule that it does not need', () => {
  expect(reservePlace({}, { ...wanted(7), sleeps: false }, CAPACITY)).toMatchObject({ place: { rules: 1 } });
});

test('two pull requests whose numbers lead to the same place get different ones', () => {
  const first = reservePlace({}, wanted(7), CAPACITY);
  expect(first.ok && reservePlace(first.places, wanted(7 + 899), CAPACITY)).toMatchObject({ place: { place: 8 } });
});

test('a hundred pull requests at once: as many previews as there is room for, all in places of their own, the others told why', async () => {
  const documents = createMemoryDocuments();
  const slow: typeof documents = {
    ...documents,
    async read(...key) {
      const found = await documents.read(...key);
      await new Promise((resolve) => setImmediate(resolve));
      return found as never;
    },
  };
  const all = await Promise.all(
    Array.from({ length: 101 }, (_, index) => takePlace(wanted(index * 899 + 1), CAPACITY, slow)),
  );
  const placed = all.flatMap((reservation) => (reservation.ok ? [reservation.place.place] : []));
  expect(placed).toHaveLength(45);
  expect(new Set(placed).size).toBe(45);
  const refused = all.find((reservation) => !reservation.ok);
  expect(refused).toMatchObject({ message: expect.stringContaining('needs 2 listener rules') });
  expect(refused).toMatchObject({ message: expect.stringContaining('0 of 90 left') });
});
