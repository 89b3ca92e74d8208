/**
 * `npm run models -- COMMAND`: publishes, promotes and rolls back models without a new image. Services pick the change up by
 * themselves within seconds.
 */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { createObjectStore } from '../services/kit/aws/objects.ts';
import { runCommand } from './models/commands.ts';

const USAGE = `Usage: npm run models -- COMMAND --bucket BUCKET [--prefix PREFIX] [--by NAME] [--reason TEXT] [--json]

  publish FOLDER [--promote]   adds the version that model.json and model.onnx in FOLDER are; it has to load and to answer its golden requests
  promote NAME VERSION         makes a published version serve
  rollback NAME                makes the version that served before serve again
  list [NAME] [--tenant T]     models, their versions and which one serves

  NAME        fuel-economy, or acme/churn for a model of the tenant acme
  --bucket    the bucket "models" of an environment; BUCKET_MODELS when it is not given
  --prefix    in a preview: pr-<n>/

Credentials, region and endpoint are what the AWS SDK reads.`;

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    options: {
      bucket: text,
      prefix: text,
      by: text,
      reason: text,
      tenant: text,
      promote: flag,
      json: flag,
      help: flag,
    },
    allowPositionals: true,
  });
  const bucket = values.bucket ?? process.env['BUCKET_MODELS'];
  if (values.help || positionals.length === 0 || !bucket) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const outcome = await runCommand(positionals, {
    bucket: { objects: createObjectStore(bucket), prefix: values.prefix ?? '' },
    change: { by: values.by ?? userInfo().username, reason: values.reason ?? '', now: Date.now() },
    promote: values.promote,
    ...(values.tenant !== undefined && { tenant: values.tenant }),
  });
  if (!outcome.ok) {
    console.error(outcome.error);
    return 1;
  }
  for (const { text: line, ...fields } of outcome.value) console.log(values.json ? JSON.stringify(fields) : line);
  return 0;
}

process.exitCode = await main();
