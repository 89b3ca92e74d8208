/** One way to talk to AWS. The same contract is asked through each of them. */
export interface Client {
  /** Calls an operation with the API's own input shape and gives its output shape. Rejects with `Refusal`. */
  call(service: Service, operation: string, input?: object): Promise<Answer>;
  putObject(bucket: string, key: string, text: string): Promise<void>;
  getObject(bucket: string, key: string): Promise<string>;
}

export const SERVICES = ['sts', 'ssm', 'dynamodb', 's3', 'ecr', 'ecs', 'elbv2', 'lambda'] as const;
export type Service = (typeof SERVICES)[number];

// biome-ignore lint/suspicious/noExplicitAny: contracts look into documents whose shape is what they check
export type Answer = Readonly<Record<string, any>>;

/** An error that the service answered: its code, without the ending that some protocols leave out. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code.replace(/Exception$/, '');
  }
}

/** Resolves to the code with which a call is refused; to `accepted` when it is not. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}
