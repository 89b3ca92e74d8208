import type { NoUndefined } from '@smithy/types';

/** An SDK input type as a handler gets it: the kit has checked that the required members are there. */
export type Input<Shape> = NoUndefined<Shape>;
