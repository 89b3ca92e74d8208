import { NO_REVIEW, type Review } from '../../pipeline/plan/review.ts';
import type { Progress } from '../../pipeline/release/ports.ts';
import type { Surroundings } from './surroundings.ts';

interface Reviewed {
  readonly token: string;
  /** Of main. */
  readonly commit: string;
  readonly progress: Progress;
}

/** Asks GitHub what was reviewed, when it is first needed. Without an answer nothing counts as reviewed: what loses data is refused then. */
export function connectReview({ project }: Surroundings, { token, commit, progress }: Reviewed): () => Promise<Review> {
  return async () => {
    if (token === '' || commit === '') return NO_REVIEW;
    try {
      const { findReview } = await import('../../pipeline/ports/review.ts');
      return await findReview(token, project.repository, commit);
    } catch (error) {
      progress.line(`What was reviewed is not known: ${error instanceof Error ? error.message : String(error)}`);
      return NO_REVIEW;
    }
  };
}
