import { bytes, createOutput, duration, table } from './output.ts';

function captured(options: { json?: boolean; isTTY?: boolean; noColor?: boolean }) {
  const out: string[] = [];
  const err: string[] = [];
  const output = createOutput({
    json: options.json ?? false,
    noColor: options.noColor ?? false,
    terminal: { write: (text) => out.push(text), isTTY: options.isTTY ?? false, columns: 40 },
    errors: { write: (text) => err.push(text) },
  });
  return { output, out, err };
}

test('with --json nothing but one object per line is printed', () => {
  const { output, out, err } = captured({ json: true });
  output.progress('building');
  output.say('hello');
  output.result({ step: 'preview', ok: true }, 'preview ok');
  output.fail('no', { step: 'release' });
  expect(out.map((line) => JSON.parse(line))).toEqual([
    { step: 'preview', ok: true },
    { ok: false, error: 'no', step: 'release' },
  ]);
  expect(err).toEqual([]);
});

test('colours and line rewriting only on a terminal', () => {
  const pipe = captured({});
  pipe.output.progress('one');
  pipe.output.result({}, pipe.output.style.good('done'));
  expect(pipe.out.join('')).toBe('one\ndone\n');

  const terminal = captured({ isTTY: true });
  terminal.output.progress('one');
  terminal.output.result({}, terminal.output.style.good('done'));
  expect(terminal.out.join('')).toContain('\u001b[32mdone');

  const plain = captured({ isTTY: true, noColor: true });
  expect(plain.output.style.good('done')).toBe('done');
});

test.each([
  [12, '12 ms'],
  [12_340, '12.3 s'],
  [125_000, '2 min 05 s'],
])('%d ms is %s', (value, text) => expect(duration(value)).toBe(text));

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [45_800_000, '45.8 MB'],
])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

test('a table lines its columns up', () => {
  expect(
    table([
      ['step', 'seconds'],
      ['bootstrap', '12.3'],
    ]),
  ).toBe('step       seconds\nbootstrap  12.3');
});
