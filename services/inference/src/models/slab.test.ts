import { createSlab } from './slab.ts';

const weights = [
  { name: 'a', shape: [2, 3], length: 6 },
  { name: 'b', shape: [1], length: 1 },
];
const valuesOf = (member: number) =>
  [new Float32Array(6).fill(member), Float32Array.of(-member)].map(({ buffer }) => new Uint8Array(buffer));

test.each([
  ['where they are', 2 ** 20],
  ['by moving', 1],
])('weights stay those of their members while arrays grow %s and shrink', (_, reserved) => {
  const slab = createSlab(weights, reserved);
  const [first] = slab.arrays;
  const slots = Array.from({ length: 300 }, (_, member) => slab.add(valuesOf(member)));
  expect(slab.arrays[0] === first).toBe(reserved > 1);
  const expectMembers = (members: readonly number[]): void => {
    const [a, b] = slab.arrays;
    expect([a?.length, b?.length]).toEqual([slab.capacity * 6, slab.capacity]);
    for (const member of members) {
      const slot = slots[member] as number;
      expect(Array.from(a?.subarray(slot * 6, slot * 6 + 6) as Float32Array)).toEqual(new Array(6).fill(member));
      expect(b?.[slot]).toBe(-member);
    }
  };
  expectMembers([...slots.keys()]);
  for (let member = 100; member < 300; member++) slab.remove(slots[member] as number);
  const before = slab.capacity;
  slab.shrink();
  expect(slab.capacity).toBeLessThan(before);
  expect(slab.used).toBe(100);
  expectMembers(slots.slice(0, 100));
  slab.remove(slots[7] as number);
  expect(slab.add(valuesOf(7))).toBe(slots[7]);
  expectMembers(slots.slice(0, 100));
});
