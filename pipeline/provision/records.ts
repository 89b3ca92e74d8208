import { createHash } from 'node:crypto';
import { DeleteParameterCommand, GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type Project, provisionedParameter } from '../manifest/names.ts';
import { dependencies } from './order.ts';

/** What was last applied, per stack. */
export interface Records {
  read(stacks: readonly string[]): Promise<ReadonlyMap<string, string>>;
  write(stack: string, fingerprint: string): Promise<void>;
  remove(stack: string): Promise<void>;
}

/**
 * Stands for everything that an apply of the stack depends on: its own synthesized JSON, and what was applied last of the stacks
 * whose parameters it reads.
 */
export function fingerprint(stack: string, hash: string, applied: ReadonlyMap<string, string>): string {
  const inputs = [hash, ...dependencies(stack).map((other) => applied.get(other) ?? '')];
  return createHash('sha256').update(inputs.join('\n')).digest('hex');
}

/** Records in SSM parameters `/<app>/provisioned/<stack>`. */
export function createRecords(project: Project, client = new SSMClient({ region: project.region })): Records {
  const name = (stack: string): string => provisionedParameter(project.app, stack);
  return {
    async read(stacks) {
      const found = new Map<string, string>();
      // The API takes ten names at a time.
      for (let start = 0; start < stacks.length; start += 10) {
        const Names = stacks.slice(start, start + 10).map(name);
        const { Parameters = [] } = await client.send(new GetParametersCommand({ Names }));
        for (const { Name = '', Value = '' } of Parameters) found.set(Name.slice(name('').length), Value);
      }
      return found;
    },
    async write(stack, Value) {
      await client.send(new PutParameterCommand({ Name: name(stack), Value, Type: 'String', Overwrite: true }));
    },
    async remove(stack) {
      try {
        await client.send(new DeleteParameterCommand({ Name: name(stack) }));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ParameterNotFound')) throw error;
      }
    },
  };
}
