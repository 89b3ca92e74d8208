/** What looking for a model comes to. */
import type { Resident } from './memory.ts';
import type { Serving } from './registry.ts';

/** A model that was found is held: whoever got it says when it is done with it. */
export type Lookup =
  | { readonly kind: 'found'; readonly resident: Resident<Serving> }
  | { readonly kind: 'unknown'; readonly error: string }
  | { readonly kind: 'unavailable'; readonly error: string; readonly retrySeconds: number }
  | { readonly kind: 'full'; readonly error: string };

const MILLISECONDS = 1000;

/** Of what somebody sent, in an error. */
export const shorten = (text: string): string => text.slice(0, 128);

export const noSuchVersion = (name: string, version: string, known: readonly string[]): Lookup => ({
  kind: 'unknown',
  error: `${name} has no version ${shorten(version)}, only ${known.join(', ')}`,
});

export const unavailable = (error: string, milliseconds: number): Lookup => ({
  kind: 'unavailable',
  error,
  retrySeconds: Math.max(1, Math.ceil(milliseconds / MILLISECONDS)),
});
