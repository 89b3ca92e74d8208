/**
 * Reads a file as predictions of files do, and nothing else; then reads and parses it. Arguments: the key, the model, the format, and how often. Prints the
 * seconds of each time.
 */
import { createFiles } from '../../../services/kit/aws/files.ts';
import { createObjectStore } from '../../../services/kit/aws/objects.ts';
import { parseDescription } from '../../../services/kit/model/read-description.ts';
import { readChunks } from '../../../services/kit/transform/chunks.ts';
import type { Format } from '../../../services/kit/transform/format.ts';
import { ROWS_PER_RUN } from '../../../services/kit/transform/pieces.ts';
import { readPieces } from '../../../services/kit/transform/read.ts';

const [key = '', model = '', format = '', times = '1'] = process.argv.slice(2);
const files = createFiles('files', '');
const input = await files.describe(key);
const json = await createObjectStore('models').read(`${model}/1/model.json`);
const description = json && parseDescription(Buffer.from(json).toString());
if (!input || !description?.ok) throw new Error(`there is no ${key} or no ${model}`);
const part = { key, tag: input.tag, bytes: input.bytes, start: 0 };
const request = { ...part, format: format as Format, description: description.value, rowsPerRun: ROWS_PER_RUN };

async function measure(read: () => AsyncIterable<unknown>): Promise<number[]> {
  const seconds: number[] = [];
  for (let time = 0; time < Number(times); time++) {
    const started = performance.now();
    for await (const _ of read());
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds;
}

const reading = await measure(() => readChunks(files, part));
const parsing = await measure(() => readPieces(files, request));
console.log(JSON.stringify({ reading, parsing }));
process.exit(0);
