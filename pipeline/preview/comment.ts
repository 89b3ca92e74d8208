import { closedComment, messageComment, previewComment, previewMarker } from '../report/preview.ts';
import type { PreviewContext, PreviewPorts } from './ports.ts';
import type { PreviewRecord } from './record.ts';

type Teller = Pick<PreviewPorts, 'github' | 'clock'>;

/** Brings the one comment of a pull request up to date with what is known of its preview. */
export function tell(
  record: PreviewRecord,
  { expiryDays }: Pick<PreviewContext, 'expiryDays'>,
  { github, clock }: Teller,
): Promise<void> {
  const { number } = record;
  return github.upsertComment(number, previewMarker(number), previewComment(record, { now: clock.now(), expiryDays }));
}

interface Message {
  readonly number: number;
  readonly heading: string;
  readonly message: string;
  readonly run?: string;
}

/** The same where there is no preview to speak of. */
export const tellMessage = (message: Message, { github }: Pick<Teller, 'github'>): Promise<void> =>
  github.upsertComment(message.number, previewMarker(message.number), messageComment(message));

export const tellClosed = (
  closed: { readonly number: number; readonly left: readonly string[]; readonly reason?: string },
  { github }: Pick<Teller, 'github'>,
): Promise<void> => github.upsertComment(closed.number, previewMarker(closed.number), closedComment(closed));
