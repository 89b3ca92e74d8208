import type { Cloud } from '../../cloud.ts';

/** Condition keys that our policies ask for. */
export type CallContext = Readonly<Record<string, string | readonly string[]>>;

/** One permission that a call needs, in the words of IAM. */
export interface NeededAccess {
  readonly action: string;
  readonly resource: string;
  readonly context?: CallContext;
}

export type Input = Readonly<Record<string, unknown>>;
export type Account = Pick<Cloud, 'region' | 'accountId'>;

export const arn = ({ region, accountId }: Account, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;

/** What is an ARN already stays one. */
export const asArn = (account: Account, service: string, prefix: string, name: unknown): string => {
  const text = String(name ?? '');
  return text.startsWith('arn:') ? text : arn(account, service, `${prefix}${text}`);
};

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const isRecord = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
