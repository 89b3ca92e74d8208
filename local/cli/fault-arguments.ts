import type { FaultRule } from '../aws/kit/faults.ts';
import type { FaultCommand } from './commands/faults.ts';

/** Options of the `faults` commands, by command. */
export const FAULT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  faults: [],
  'faults add': ['effect', 'when', 'skip', 'count', 'probability', 'seed', 'milliseconds'],
  'faults clear': [],
  'faults crash': ['service', 'environment'],
  'faults unhealthy': ['service', 'environment'],
  'faults lose-runner': ['run'],
};

type Values = Readonly<Record<string, string | boolean | undefined>>;
type Built = FaultCommand | { readonly message: string };

/** The words after `faults <verb>` as a command. Whether a rule makes sense is for the local cloud to say. */
export function faultCommand(words: string, operands: readonly string[], values: Values): Built {
  const [operand, ...more] = operands;
  const takesOne = words === 'faults add' || words === 'faults clear';
  if (more.length > 0 || (operand !== undefined && !takesOne))
    return { message: `"${words}" takes no "${operands.at(-1)}"` };
  switch (words) {
    case 'faults add':
      if (operand === undefined || !values['effect'])
        return { message: '"faults add" needs an operation such as ecs:UpdateService, and --effect EFFECT' };
      return rule(operand, values);
    case 'faults clear':
      return operand === undefined
        ? { name: 'faults-clear' }
        : numbered(operand, 'the number of a fault', (id) => ({ name: 'faults-clear', id }));
    case 'faults crash':
    case 'faults unhealthy': {
      if (!values['service']) return { message: `"${words}" needs --service NAME` };
      const environment = String(values['environment'] ?? 'staging');
      return {
        name: words === 'faults crash' ? 'faults-crash' : 'faults-unhealthy',
        service: String(values['service']),
        environment,
      };
    }
    case 'faults lose-runner':
      return values['run'] === undefined
        ? { name: 'faults-lose-runner' }
        : numbered(String(values['run']), 'the number of a run', (run) => ({ name: 'faults-lose-runner', run }));
    default:
      return { name: 'faults' };
  }
}

function numbered(word: string, what: string, build: (value: number) => FaultCommand): Built {
  const value = Number(word);
  return Number.isInteger(value) && value > 0 ? build(value) : { message: `"${word}" is not ${what}` };
}

function rule(operation: string, values: Values): Built {
  const numbers: Record<string, number> = {};
  for (const name of ['skip', 'count', 'probability', 'seed', 'milliseconds']) {
    const given = values[name];
    if (given === undefined) continue;
    numbers[name] = Number(given);
    if (Number.isNaN(numbers[name])) return { message: `--${name} is "${given}"; it has to be a number` };
  }
  const { effect, when } = values;
  return {
    name: 'faults-add',
    rule: { operation, effect, ...(when === undefined ? {} : { when }), ...numbers } as FaultRule,
  };
}
