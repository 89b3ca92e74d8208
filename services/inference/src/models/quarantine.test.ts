import { createQuarantine } from './quarantine.ts';

test('each strike lasts twice as long, an hour at most; what may be tried again is not counted', () => {
  let time = 0;
  const quarantine = createQuarantine(() => time);
  const lasts: number[] = [];
  for (let strike = 0; strike < 9; strike++) {
    lasts.push((quarantine.add('a', 'hangs').until - time) / 1000);
    expect(quarantine.size).toBe(1);
    expect(quarantine.find('a')?.reason).toBe('hangs');
    time = quarantine.find('a')?.until ?? 0;
    expect(quarantine.find('a')).toBeUndefined();
    expect(quarantine.size).toBe(0);
  }
  expect(lasts).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
});
