import { parseArgs } from 'node:util';
import type { FaultCommand } from './commands/faults.ts';
import { FAULT_OPTIONS, faultCommand } from './fault-arguments.ts';

/** What the person asked for, checked and typed. */
export type Command =
  | FaultCommand
  | { readonly name: 'story' | 'up' | 'status' }
  | { readonly name: 'down'; readonly purge: boolean }
  | { readonly name: 'logs'; readonly run?: number; readonly service?: string; readonly environment: string }
  | { readonly name: 'pr-open'; readonly title: string; readonly dryRun: boolean }
  | { readonly name: 'pr-push' | 'pr-close' | 'merge'; readonly number: number; readonly dryRun: boolean }
  | {
      readonly name: 'rollback';
      readonly environment: 'staging' | 'production';
      readonly target: string;
      readonly reason: string;
      readonly services: string;
      readonly resume: boolean;
      readonly plan: boolean;
      readonly dryRun: boolean;
    }
  | { readonly name: 'comment'; readonly number: number; readonly body: string };

export type ParsedArguments =
  | { readonly kind: 'command'; readonly command: Command; readonly json: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

export const HELP = `Slipway's local cloud: AWS, GitHub, Sentry and the image registry on this machine.

Usage: npm run local -- [COMMAND] [OPTIONS]

Commands
  story                    start the local cloud and play the whole story (the default)
  up                       start the local cloud and bring main to staging and production
  status                   what runs, where it answers, what was released
  pr open --title TEXT     open a pull request with the working tree's changes; brings up a preview
  pr push NUMBER           push the working tree's changes to that pull request
  pr close NUMBER          close it; the preview is destroyed
  merge NUMBER             merge it; staging, then production are released
  rollback                 put production back on the release before
    --environment NAME       staging or production (production)
    --target RELEASE         release id, commit or tag; empty: the last release that was healthy
    --services NAMES         only these, separated by spaces; empty: all
    --reason TEXT            goes into the ledger
    --plan                   show what it would do, and what could be rolled back to
    --resume                 instead of rolling back: let automatic deployments run again
  comment NUMBER --body TEXT
                           comment on that issue or pull request, for example /approve COMMIT
  logs                     what the workflow runs and services printed
    --run NUMBER             one workflow run
    --service NAME           one service (with --environment, staging if not given)
  faults                   what goes wrong on purpose in the local cloud (docs/cli.md)
    add OPERATION --effect EFFECT [--when before|after] [--skip N] [--count N] [--probability P] [--seed N] [--milliseconds N]
    crash --service NAME, unhealthy --service NAME, lose-runner [--run N], clear [N]
  down [--purge]           stop everything; --purge also deletes the local cloud's folder

Options
  --json                   one JSON object per line (docs/cli.md lists the fields)
  --dry-run                say what would happen, change nothing (pr, merge, rollback)
  --help                   this text

Environment
  SLIPWAY_HOME             folder of the local cloud (.slipway in the repository); several can run side by side
  SLIPWAY_PORT             first of the ten ports it uses (the first free block from 4570 on)
  SLIPWAY_RUNTIME          docker, podman (started if need be), chroot or direct; if unset, the first that is there
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  'dry-run': { type: 'boolean', default: false },
  purge: { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
  title: { type: 'string' },
  environment: { type: 'string' },
  target: { type: 'string', default: '' },
  reason: { type: 'string', default: '' },
  services: { type: 'string', default: '' },
  plan: { type: 'boolean', default: false },
  body: { type: 'string' },
  run: { type: 'string' },
  service: { type: 'string' },
  effect: { type: 'string' },
  when: { type: 'string' },
  skip: { type: 'string' },
  count: { type: 'string' },
  probability: { type: 'string' },
  seed: { type: 'string' },
  milliseconds: { type: 'string' },
} as const;

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ...FAULT_OPTIONS,
  story: [],
  up: [],
  status: [],
  down: ['purge'],
  logs: ['run', 'service', 'environment'],
  'pr open': ['title', 'dry-run'],
  'pr push': ['dry-run'],
  'pr close': ['dry-run'],
  merge: ['dry-run'],
  comment: ['body'],
  rollback: ['environment', 'target', 'services', 'reason', 'resume', 'plan', 'dry-run'],
};

/** Turns the words after `npm run local --` into a command. Pure; every mistake names the word and the way out. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return mistake(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
  if (parsed.values.help) return { kind: 'help' };
  const [first = 'story', second, ...rest] = parsed.positionals;
  const grouped = first === 'pr' || first === 'faults';
  const words = grouped ? `${first} ${second ?? ''}`.trim() : first;
  const operands = grouped ? rest : [second, ...rest].filter((word) => word !== undefined);
  const allowed = ALLOWED[words];
  if (!allowed) return mistake(`There is no command "${words}"`);
  const given = parsed.tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  const stranger = given.find((name) => !['json', 'help', ...allowed].includes(name));
  if (stranger) return mistake(`"${words}" takes no --${stranger}`);
  const command = build(words, operands, parsed.values);
  return 'message' in command ? mistake(command.message) : { kind: 'command', command, json: parsed.values.json };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true });
}

function mistake(message: string): ParsedArguments {
  return { kind: 'mistake', message: `${message}. See: npm run local -- --help` };
}

type Values = ReturnType<typeof parse>['values'];

function build(words: string, operands: readonly string[], values: Values): Command | { readonly message: string } {
  if (words.startsWith('faults')) return faultCommand(words, operands, values);
  const takesNumber = ['pr push', 'pr close', 'merge', 'comment'].includes(words);
  if (operands.length > (takesNumber ? 1 : 0)) return { message: `"${words}" takes no "${operands.at(-1)}"` };
  const dryRun = values['dry-run'];
  switch (words) {
    case 'pr open':
      if (!values.title) return { message: '"pr open" needs --title TEXT' };
      return { name: 'pr-open', title: values.title, dryRun };
    case 'pr push':
    case 'pr close':
    case 'merge': {
      const number = Number(operands[0]);
      if (!Number.isInteger(number) || number < 1) return { message: `"${words}" needs the number of a pull request` };
      return { name: words === 'merge' ? 'merge' : words === 'pr push' ? 'pr-push' : 'pr-close', number, dryRun };
    }
    case 'comment': {
      const number = Number(operands[0]);
      if (!Number.isInteger(number) || number < 1)
        return { message: '"comment" needs the number of an issue or pull request' };
      if (!values.body) return { message: '"comment" needs --body TEXT' };
      return { name: 'comment', number, body: values.body };
    }
    case 'rollback':
      return rollback(values);
    case 'logs':
      return logs(values);
    case 'down':
      return { name: 'down', purge: values.purge };
    default:
      return { name: words as 'story' | 'up' | 'status' };
  }
}

function rollback(values: Values): Command | { readonly message: string } {
  const environment = values.environment ?? 'production';
  if (environment !== 'staging' && environment !== 'production') {
    return { message: `--environment is "${environment}"; it has to be staging or production` };
  }
  if (values.resume && values.target) return { message: '--resume and --target exclude each other' };
  if (values.resume && values.plan) return { message: '--resume and --plan exclude each other' };
  const { target, reason, services, resume, plan } = values;
  return { name: 'rollback', environment, target, reason, services, resume, plan, dryRun: values['dry-run'] };
}

function logs(values: Values): Command | { readonly message: string } {
  const run = values.run === undefined ? undefined : Number(values.run);
  if (run !== undefined && (!Number.isInteger(run) || run < 1))
    return { message: `--run is "${values.run}"; it has to be a number` };
  return {
    name: 'logs',
    environment: values.environment ?? 'staging',
    ...(run === undefined ? {} : { run }),
    ...(values.service === undefined ? {} : { service: values.service }),
  };
}
