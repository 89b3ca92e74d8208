import { absentOn } from '../engine/context.ts';
import type { Context, ResourceDefinition, Rules } from '../engine/definition.ts';
import { requireText, type Values } from '../schema/value.ts';
import { NO_BUCKET, S3 } from './s3-bucket.ts';

/** A resource that stands for one sub-resource of a bucket: put as a whole, read as a whole. */
export interface Setting extends Rules {
  /** `PutBucketPolicy` and so on are made of it. */
  readonly operation: string;
  readonly remove?: (Bucket: string) => readonly [operation: string, input: object];
  /** Error codes that mean "not configured". */
  readonly absent?: readonly string[];
  toInput(planned: Values): object;
  /** Undefined: the bucket has no such configuration. */
  fromAnswer(answer: Readonly<Record<string, unknown>>, state: Values): Values | undefined;
}

/** Makes the resource type of such a setting. */
export function setting({
  operation,
  remove,
  absent = [],
  toInput,
  fromAnswer,
  ...rules
}: Setting): ResourceDefinition {
  const put = async (planned: Values, context: Context): Promise<Values> => {
    const Bucket = requireText(planned, 'bucket');
    await context.call(S3, `Put${operation}`, { Bucket, ...toInput(planned) });
    return { id: Bucket };
  };
  return {
    ...rules,
    backend: {
      create: put,
      async read(state, context) {
        const Bucket = requireText(state, 'id').split(',')[0] ?? '';
        const answer = await absentOn([...NO_BUCKET, ...absent], () =>
          context.call<Record<string, unknown>>(S3, `Get${operation}`, { Bucket }),
        );
        const read = answer && fromAnswer(answer, state);
        return read && { bucket: Bucket, ...read };
      },
      update: (_prior, planned, context) => put(planned, context),
      async delete(state, context) {
        if (!remove || state['skip_destroy'] === true) return;
        const [name, input] = remove(requireText(state, 'bucket'));
        await absentOn([...NO_BUCKET, ...absent], () => context.call(S3, name, input));
      },
      importState: (id) => ({ id, bucket: id }),
    },
  };
}

/** The usual way to take a setting away. */
export const deleting = (operation: string) => (Bucket: string) => [operation, { Bucket }] as const;
