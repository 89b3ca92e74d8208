/** A batch job and the seam to where jobs are kept. */

export const STATUSES = ['new', 'running', 'done', 'failed'] as const;
export type JobStatus = (typeof STATUSES)[number];

export interface Job {
  readonly id: string;
  readonly model: string;
  /** Absent: the newest. */
  readonly version?: string;
  /** Input rows, for few of them; else `inputKey` is the key of a JSON Lines object in the results bucket. */
  readonly rows?: unknown;
  readonly inputKey?: string;
  /** How often the job was begun, this time included. */
  readonly attempts: number;
}

/** Who works on a job, and until when others have to keep away. Times are milliseconds since 1970. */
export interface Claim {
  readonly id: string;
  readonly owner: string;
  readonly now: number;
  readonly leaseUntil: number;
}

export type Outcome =
  | { readonly status: 'done'; readonly resultKey: string; readonly rowCount: number }
  | { readonly status: 'failed'; readonly reason: string };

export interface Jobs {
  /** Ids of jobs that are new, or whose owner has not finished within the lease. */
  waiting(now: number): Promise<string[]>;
  /** Takes a job; undefined when somebody else was faster. Of any number of callers exactly one gets it. */
  claim(claim: Claim): Promise<Job | undefined>;
  /** Records how a job ended; false when the claim was lost meanwhile. */
  finish(claim: Claim, outcome: Outcome): Promise<boolean>;
  /** Makes a claimed job new again. */
  giveBack(claim: Claim): Promise<void>;
}
