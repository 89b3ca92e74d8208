import type { FaultRule } from '../../aws/kit/faults.ts';
import type { FaultReport } from '../cloud/wire.ts';
import { table } from '../output.ts';
import type { CommandContext } from './context.ts';
import { callShown, withRunningCloud } from './with-cloud.ts';

/** What a `faults` command asks for. */
export type FaultCommand =
  | { readonly name: 'faults' }
  | { readonly name: 'faults-add'; readonly rule: FaultRule }
  | { readonly name: 'faults-clear'; readonly id?: number }
  | { readonly name: 'faults-crash' | 'faults-unhealthy'; readonly service: string; readonly environment: string }
  | { readonly name: 'faults-lose-runner'; readonly run?: number };

/** Makes the local cloud do something wrong, or lists what it does wrong. */
export function faults(command: FaultCommand, context: CommandContext): Promise<boolean> {
  return withRunningCloud(context, async (cloud) => {
    const { name: method, ...rest } = command;
    const parameters = 'rule' in rest ? rest.rule : rest;
    const result = await callShown<FaultReport | Record<string, number>>({ method, parameters }, cloud, context);
    if (!result) return false;
    context.output.result({ ok: true, ...result }, describe(result));
    return true;
  });
}

function describe(result: FaultReport | Record<string, number>): string {
  if (!isReport(result))
    return 'run' in result ? `Run ${result['run']} lost its runner` : `${result['crashed']} tasks crashed`;
  const rows = result.faults.map(({ id, operation, effect, when = 'before', hits, count }) => [
    String(id),
    operation,
    `${effect} ${when}`,
    count === undefined ? `${hits} times so far` : `${hits} of ${count} times`,
  ]);
  const unhealthy = result.unhealthy.map((group) => ['', group, 'health checks fail', '']);
  return rows.length + unhealthy.length === 0 ? 'Nothing goes wrong on purpose' : table([...rows, ...unhealthy]);
}

const isReport = (result: FaultReport | Record<string, number>): result is FaultReport => 'faults' in result;
