/** What Terraform writes into the lock of a state. */
export interface LockInfo {
  readonly id: string;
  readonly who: string;
  readonly operation: string;
  readonly created: string;
}

/** Reads the lock out of Terraform's error text; undefined when it is about something else. */
export function lockInError(error: string): LockInfo | undefined {
  if (!error.includes('Error acquiring the state lock')) return undefined;
  const field = (name: string): string =>
    new RegExp(`^\\s*${name}:\\s*(.+)$`, 'm').exec(error)?.[1]?.trim() ?? 'unknown';
  return { id: field('ID'), who: field('Who'), operation: field('Operation'), created: field('Created') };
}

/**
 * A lock is never broken by itself: whether the run that took it is really gone, and left nothing half done, only a person (or
 * whoever started that run) can know.
 */
export function explainLock(stack: string, { id, who, operation, created }: LockInfo): string {
  return [
    `The state of ${stack} is locked by ${who} since ${created} (${operation.replace('OperationType', '').toLowerCase()}).`,
    'Another run may be changing it: wait for it and run this again.',
    `If that run was killed: terraform -chdir=cdktf.out/stacks/${stack} force-unlock -force ${id}`,
  ].join(' ');
}
