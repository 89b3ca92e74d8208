import { createRequire } from 'node:module';

/**
 * CDKTF keeps a stack trace of every value that Terraform fills in: a third of the time of a synthesis, for a line in a message that we have never seen. Imported
 * by cdktf.ts before anything is made.
 */
const traces = createRequire(import.meta.url)('cdktf/lib/tokens/private/stack-trace.js') as {
  captureStackTrace: () => readonly string[];
};
traces.captureStackTrace = () => [];
