import { type Locked, takeLock } from '../release/lock.ts';
import { type PreviewPorts, previewEnvironment } from './ports.ts';

interface LockPreview {
  readonly number: number;
  readonly actor: string;
  readonly reason: string;
  readonly waitMs: number;
}

/**
 * One hand at a time on a preview: opening, closing, commands and the sweep take this lock, in which the deployment's own is nested.
 * Who holds it knows that a lock on the Terraform state can only be that of a run that died.
 */
export const lockPreview = (
  { number, actor, reason, waitMs }: LockPreview,
  { ledger, clock, progress }: PreviewPorts,
): Promise<Locked> =>
  takeLock(
    { environment: `${previewEnvironment(number)}-preview`, holder: actor, reason, waitMs },
    { ledger, clock, progress, onProgress: progress.line },
  );
