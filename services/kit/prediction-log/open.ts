import { createDocumentClient } from '../aws/documents.ts';
import { createObjectStore } from '../aws/objects.ts';
import { type Environment, optionalText, readConfig, text } from '../config.ts';
import type { Log } from '../log.ts';
import type { Result } from '../result.ts';
import { createRecordStore } from './dynamo.ts';
import { createPredictionLog, noPredictionLog, type PredictionLog } from './log.ts';

/** The log of a service, as its environment says. Without a table nothing is remembered. @throws ConfigurationError */
export function openPredictionLog(environment: Environment, log: Log): PredictionLog {
  if (!environment['TABLE_PREDICTION_LOG']) return noPredictionLog;
  const { table, bucket, prefix, sampling } = readConfig(
    {
      table: text('TABLE_PREDICTION_LOG'),
      bucket: text('BUCKET_PREDICTIONS'),
      prefix: optionalText('PREFIX_PREDICTIONS'),
      sampling: readSampling,
    },
    environment,
  );
  const store = createRecordStore(createDocumentClient(), table, createObjectStore(bucket));
  return createPredictionLog({ store, sampling, prefix, log });
}

function readSampling(environment: Environment): Result<number> {
  const written = environment['PREDICTION_SAMPLING'] ?? '';
  const share = written === '' ? Number.NaN : Number(written);
  if (share >= 0 && share <= 1) return { ok: true, value: share };
  return {
    ok: false,
    error: `PREDICTION_SAMPLING is "${written}", expected the share of predictions to remember, from 0 to 1`,
  };
}
