import { uuidv7 } from './uuid.ts';

test('ids have version 7, carry their time, sort by it and do not repeat', () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => uuidv7(1_700_000_000_000 + index));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids).toEqual([...ids].sort());
  expect(Number.parseInt((ids[42] ?? '').replace('-', '').slice(0, 12), 16)).toBe(1_700_000_000_042);
  expect(new Set(Array.from({ length: 5_000 }, () => uuidv7(1))).size).toBe(5_000);
});
