import type { BuiltImages } from '../release/types.ts';
import { bytes, list, paragraphs, plain, seconds, shortDigest, table } from './markdown.ts';

/** What was built, for the job summary; `remarks` are sentences about services. */
export function buildReport(images: BuiltImages, remarks: readonly string[] = []): string {
  const built = Object.entries(images);
  const changed = built.filter(([, image]) => image.changed).length;
  const rows = built.map(([service, image]) => [
    service,
    image.changed ? 'built' : 'unchanged',
    shortDigest(image.digest),
    bytes(image.bytesPushed),
    seconds(image.seconds),
  ]);
  const pushed = built.reduce((sum, [, image]) => sum + image.bytesPushed, 0);
  return paragraphs(
    `### Images: ${changed} built, ${built.length - changed} unchanged, ${bytes(pushed)} pushed`,
    table(['service', '', 'digest', 'pushed', 'time'], rows),
    list(remarks.map(plain)),
  );
}
