import type { Message, Queue } from '../../kit/aws/queue.ts';

const MILLISECONDS = 1000;

/** Keeps a message hidden from others while its request is worked on, however long that takes. A beat that fails is made up for by the next one. */
export function createHeartbeat(
  queue: Pick<Queue, 'hide'>,
  message: Message,
  visibilitySeconds: number,
): { readonly stop: () => void } {
  const beat = (): void => void queue.hide(message, visibilitySeconds).catch(() => undefined);
  const timer = setInterval(beat, (visibilitySeconds / 3) * MILLISECONDS);
  return { stop: () => clearInterval(timer) };
}
