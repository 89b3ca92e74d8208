import { parseArguments } from './arguments.ts';

const command = (...argv: string[]) => {
  const parsed = parseArguments(argv);
  return parsed.kind === 'command' ? parsed.command : parsed;
};

test.each([
  [[], { name: 'story' }],
  [['up'], { name: 'up' }],
  [['down', '--purge'], { name: 'down', purge: true }],
  [['pr', 'open', '--title', 'Round to one digit'], { name: 'pr-open', title: 'Round to one digit', dryRun: false }],
  [['pr', 'push', '3', '--dry-run'], { name: 'pr-push', number: 3, dryRun: true }],
  [['merge', '12'], { name: 'merge', number: 12, dryRun: false }],
  [['logs', '--run', '4'], { name: 'logs', environment: 'staging', run: 4 }],
  [
    ['rollback', '--target', 'abc1234'],
    {
      name: 'rollback',
      environment: 'production',
      target: 'abc1234',
      services: '',
      reason: '',
      resume: false,
      plan: false,
      dryRun: false,
    },
  ],
  [['comment', '7', '--body', '/approve abc1234'], { name: 'comment', number: 7, body: '/approve abc1234' }],
  [['faults'], { name: 'faults' }],
  [
    ['faults', 'add', 'ecs:UpdateService', '--effect', 'fail', '--when', 'after', '--count', '2'],
    { name: 'faults-add', rule: { operation: 'ecs:UpdateService', effect: 'fail', when: 'after', count: 2 } },
  ],
  [['faults', 'clear', '3'], { name: 'faults-clear', id: 3 }],
  [['faults', 'crash', '--service', 'web'], { name: 'faults-crash', service: 'web', environment: 'staging' }],
  [['faults', 'lose-runner'], { name: 'faults-lose-runner' }],
])('%j', (argv, expected) => {
  expect(command(...argv)).toEqual(expected);
});

test('--json is told apart from the command', () => {
  expect(parseArguments(['story', '--json'])).toEqual({ kind: 'command', command: { name: 'story' }, json: true });
});

test.each([
  [['fly'], 'There is no command "fly"'],
  [['pr'], 'There is no command "pr"'],
  [['pr', 'open'], '"pr open" needs --title TEXT'],
  [['merge'], '"merge" needs the number of a pull request'],
  [['merge', '0'], '"merge" needs the number of a pull request'],
  [['merge', '1', '2'], '"merge" takes no "2"'],
  [['up', 'now'], '"up" takes no "now"'],
  [['up', '--purge'], '"up" takes no --purge'],
  [['rollback', '--environment', 'pr-1'], '--environment is "pr-1"; it has to be staging or production'],
  [['rollback', '--resume', '--target', 'x'], '--resume and --target exclude each other'],
  [['logs', '--run', 'last'], '--run is "last"; it has to be a number'],
  [
    ['faults', 'add', 'ecs:UpdateService'],
    '"faults add" needs an operation such as ecs:UpdateService, and --effect EFFECT',
  ],
  [['faults', 'add', '*', '--effect', 'fail', '--count', 'few'], '--count is "few"; it has to be a number'],
  [['faults', 'clear', 'all'], '"all" is not the number of a fault'],
  [['faults', 'crash'], '"faults crash" needs --service NAME'],
  [['faults', 'explode'], 'There is no command "faults explode"'],
  [['up', '--fast'], "Unknown option '--fast'"],
])('%j is a mistake that explains itself', (argv, message) => {
  expect(parseArguments(argv)).toEqual({ kind: 'mistake', message: `${message}. See: npm run local -- --help` });
});

test.each([[['--help']], [['merge', '-h']]])('%j asks for help', (argv) => {
  expect(parseArguments(argv)).toEqual({ kind: 'help' });
});
