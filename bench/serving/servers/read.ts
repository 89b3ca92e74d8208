/** Reads a file as predictions of files do, and nothing else. Arguments: the key, and how often. Prints the seconds of each time. */
import { createFiles } from '../../../services/kit/aws/files.ts';
import { readChunks } from '../../../services/kit/transform/chunks.ts';

const [key = '', times = '1'] = process.argv.slice(2);
const files = createFiles('files', '');
const input = await files.describe(key);
if (!input) throw new Error(`there is no ${key}`);
const seconds: number[] = [];
for (let time = 0; time < Number(times); time++) {
  const started = performance.now();
  for await (const _ of readChunks(files, { key, tag: input.tag, bytes: input.bytes, start: 0 }));
  seconds.push((performance.now() - started) / 1000);
}
console.log(JSON.stringify(seconds));
process.exit(0);
