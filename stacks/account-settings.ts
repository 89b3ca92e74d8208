import type { Profile, Project } from '../pipeline/manifest/names.ts';

/** What differs between accounts of one profile and another. */
export interface AccountSettings {
  /** Bill of a month above which somebody is told; at four fifths of it, and when the forecast reaches it. */
  readonly monthlyDollars: number;
  /** GuardDuty's features beside its log analysis. Watching Fargate tasks at run time costs 1.50 dollars per vCPU and month, so it is a decision. */
  readonly threatDetection: readonly (
    | 'S3_DATA_EVENTS'
    | 'LAMBDA_NETWORK_LOGS'
    | 'RDS_LOGIN_EVENTS'
    | 'RUNTIME_MONITORING'
  )[];
  /** Requests per second that the ledger takes at most. */
  readonly tableLimits: { readonly reads: number; readonly writes: number };
  readonly backup: { readonly schedule: string; readonly keepDays: number };
  /** Of the firewall's log. */
  readonly logRetentionDays: number;
  /** Previews ask for the password in the parameter `/<app>/account/preview-password`, which has to be there; see docs/previews.md. */
  readonly previewSignIn: boolean;
}

const standard: AccountSettings = {
  monthlyDollars: 200,
  threatDetection: ['S3_DATA_EVENTS', 'LAMBDA_NETWORK_LOGS', 'RDS_LOGIN_EVENTS'],
  tableLimits: { reads: 400, writes: 100 },
  backup: { schedule: 'cron(30 3 * * ? *)', keepDays: 35 },
  logRetentionDays: 365,
  previewSignIn: false,
};

export const ACCOUNTS: Readonly<Record<Profile, AccountSettings>> = {
  standard,
  shoestring: { ...standard, monthlyDollars: 120 },
};

export const accountSettings = ({ profile = 'standard' }: Pick<Project, 'profile'>): AccountSettings =>
  ACCOUNTS[profile];
