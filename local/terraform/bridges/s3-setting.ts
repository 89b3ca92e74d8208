import { absentOn } from '../engine/context.ts';
import type { Context, ResourceDefinition, Rules } from '../engine/definition.ts';
import { requireText, text, type Values } from '../schema/value.ts';
import { NO_BUCKET, S3 } from './s3-bucket.ts';

/** A resource that stands for one sub-resource of a bucket: put as a whole, read as a whole. */
export interface Setting extends Rules {
  /** `PutBucketPolicy` and so on are made of it. */
  readonly operation: string;
  /** How it is taken away; undefined: there is nothing to take away. */
  readonly remove?: (Bucket: string, state: Values) => readonly [operation: string, input: object] | undefined;
  /** Error codes that mean "not configured". */
  readonly absent?: readonly string[];
  /** Undefined: what is planned is what a bucket has without a call. */
  toInput(planned: Values): object | undefined;
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
  const put = async (planned: Values, context: Context): Promise<void> => {
    const input = toInput(planned);
    const Bucket = requireText(planned, 'bucket');
    if (input) await context.call(S3, `Put${operation}`, { Bucket, ...input });
  };
  return {
    ...rules,
    backend: {
      async create(planned, context) {
        await put(planned, context);
        const [Bucket, owner] = [requireText(planned, 'bucket'), text(planned, 'expected_bucket_owner')];
        return { id: owner ? `${Bucket},${owner}` : Bucket };
      },
      async read(state, context) {
        const Bucket = requireText(state, 'id').split(',')[0] ?? '';
        const answer = await absentOn([...NO_BUCKET, ...absent], () =>
          context.call<Record<string, unknown>>(S3, `Get${operation}`, { Bucket }),
        );
        const read = answer && fromAnswer(answer, state);
        return read && { bucket: Bucket, ...read };
      },
      async update(_prior, planned, context) {
        await put(planned, context);
        return {};
      },
      async delete(state, context) {
        const removal = state['skip_destroy'] === true ? undefined : remove?.(requireText(state, 'bucket'), state);
        if (removal) await absentOn([...NO_BUCKET, ...absent], () => context.call(S3, ...removal));
      },
      importState(id): Values {
        const [bucket = '', owner] = id.split(',');
        return owner ? { id, bucket, expected_bucket_owner: owner } : { id, bucket };
      },
    },
  };
}

/** The usual way to take a setting away. */
export const deleting = (operation: string) => (Bucket: string) => [operation, { Bucket }] as const;
