/** As `Promise.all`, but a failure is told when the others have ended, too: nothing goes on that nobody waits for. */
export async function allOver<Value>(work: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
