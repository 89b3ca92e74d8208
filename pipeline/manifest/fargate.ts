/**
 * Memory in MiB that Fargate accepts for each CPU size, as [lowest, highest, step].
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const FARGATE_MEMORY: Readonly<Record<number, readonly [number, number, number]>> = {
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16384, 1024],
  4096: [8192, 30720, 1024],
};
const SMALLEST = { cpu: 256, memory: [512, 1024, 2048] } as const;

/** Memory sizes in MiB that go with a CPU size, smallest first; none when Fargate has no such CPU size. */
export function fargateMemory(cpu: number): readonly number[] {
  if (cpu === SMALLEST.cpu) return SMALLEST.memory;
  const range = FARGATE_MEMORY[cpu];
  if (range === undefined) return [];
  const [lowest, highest, step] = range;
  return Array.from({ length: (highest - lowest) / step + 1 }, (_, index) => lowest + index * step);
}
