/** How `commit` relates to `base` in the repository's history. */
export type Relation = 'identical' | 'ahead' | 'behind' | 'diverged' | 'unknown';

/** The repository's history. */
export interface History {
  /** `unknown` when one of them is not in the repository (any more). */
  relation(base: string, commit: string): Promise<Relation>;
  /** The commit that a tag or branch names. */
  commitOf(ref: string): Promise<string | undefined>;
}
