/**
 * How much of a proof is done: SLIPWAY_PROOF_SHARE, 1 (everything) unless set. CI has twenty minutes for everything, so it does a part, another one with each commit.
 */
export const SHARE = readShare(process.env['SLIPWAY_PROOF_SHARE']);

/** Every how many-th moment is tried. */
export const STRIDE = Math.round(1 / SHARE);

/** The moment to begin with, from 1: differs from commit to commit, and can be set to look at a failure again (SLIPWAY_PROOF_START). */
export const START = 1 + ((Number(process.env['SLIPWAY_PROOF_START'] ?? Date.now()) - 1) % STRIDE);

/** That share of a number, at least one. */
export const part = (whole: number): number => Math.max(1, Math.ceil(whole * SHARE));

/** For the line that a proof prints. */
export const shareWords = STRIDE === 1 ? 'all of it' : `every ${STRIDE}th moment from ${START} on`;

function readShare(value: string | undefined): number {
  const share = Number(value ?? 1);
  if (!(share > 0 && share <= 1))
    throw new Error(`SLIPWAY_PROOF_SHARE is "${value}", expected more than 0 and at most 1`);
  return share;
}
