import { runWorkflow } from '../testing/run-workflow.ts';

const jobs = (body: string): string => `on: push\njobs:\n${body}`;
const oneJob = (steps: string): string => jobs(`  a: { runs-on: ubuntu-latest, steps: [${steps}] }`);

describe('jobs', () => {
  test('a skipped need skips its dependants, always() runs nevertheless', async () => {
    const run = await runWorkflow(
      jobs(`  a: { runs-on: x, if: false, steps: [{run: "true"}] }
  b: { needs: a, runs-on: x, steps: [{run: "true"}] }
  c: { needs: b, if: always(), runs-on: x, steps: [{run: "true"}] }`),
    );
    expect(run.results).toEqual({ a: 'skipped', b: 'skipped', c: 'success' });
    expect(run.conclusion).toBe('success');
  });

  test('failure() sees ancestors that are not direct needs', async () => {
    const run = await runWorkflow(
      jobs(`  a: { runs-on: x, steps: [{run: exit 1}] }
  b: { needs: a, runs-on: x, steps: [{run: "true"}] }
  c: { needs: b, if: failure(), runs-on: x, steps: [{run: "true"}] }`),
    );
    expect(run.results).toEqual({ a: 'failure', b: 'skipped', c: 'success' });
    expect(run.conclusion).toBe('failure');
  });

  test('continue-on-error of a job lets its dependants and the run succeed', async () => {
    const run = await runWorkflow(
      jobs(`  a: { runs-on: x, continue-on-error: true, steps: [{run: exit 1}] }
  b: { needs: a, runs-on: x, steps: [{run: "true"}] }`),
    );
    expect(run.results).toEqual({ a: 'failure', b: 'success' });
    expect(run.conclusion).toBe('success');
  });

  test('outputs travel through needs; one that holds a secret is dropped', async () => {
    const run = await runWorkflow(
      jobs(`  a:
    runs-on: x
    outputs: { plain: '\${{ steps.s.outputs.plain }}', secret: '\${{ steps.s.outputs.secret }}', braces: "\${{ steps.s.outputs.braces }}" }
    steps:
      - id: s
        run: |
          echo "plain=one" >> "$GITHUB_OUTPUT"
          echo "secret=\${{ secrets.S }}" >> "$GITHUB_OUTPUT"
          echo 'braces=\${''{ 1 }}' >> "$GITHUB_OUTPUT"
  b:
    needs: a
    runs-on: x
    steps: [{ run: 'echo "[\${{ needs.a.outputs.plain }}] [\${{ needs.a.outputs.secret }}] \${{ needs.a.result }}"' }]`),
      { secrets: { S: 'hunter22' } },
    );
    expect(run.output).toContain('[one] [] success');
    expect(run.annotations).toContain("Skip output 'secret' since it may contain secret.");
    expect(JSON.stringify(run)).not.toContain('hunter22');
  });

  test('a matrix with include and exclude, without fail-fast', async () => {
    const run = await runWorkflow(
      jobs(`  a:
    runs-on: x
    strategy: { fail-fast: false, matrix: { os: [l, w], v: [1, 2], exclude: [{os: w, v: 1}], include: [{os: l, extra: y}, {os: m, v: 9}] } }
    steps: [{ run: 'test \${{ matrix.os }} != w' }]`),
    );
    expect(run.results).toEqual({
      'a (l, 1, y)': 'success',
      'a (l, 2, y)': 'success',
      'a (w, 2)': 'failure',
      'a (m, 9)': 'success',
    });
  });

  test('an empty matrix fails the run with the reason', async () => {
    const run = await runWorkflow(
      jobs(`  a: { runs-on: x, strategy: { matrix: { v: "\${{ fromJSON('[]') }}" } }, steps: [{run: "true"}] }`),
    );
    expect(run.conclusion).toBe('failure');
    expect(run.annotations).toContain('Matrix vector does not contain any values');
  });

  test('what the runner cannot do is refused by name', async () => {
    const run = await runWorkflow(
      jobs(`  a: { runs-on: x, services: { db: { image: postgres } }, steps: [{run: "true"}] }
  b: { runs-on: x, steps: [{uses: someone/something@v1}] }
  c: { runs-on: x, steps: [{uses: "docker://alpine"}] }
  d: { runs-on: windows-latest, steps: [{run: "true"}] }`),
    );
    expect(run.results).toEqual({ a: 'failure', b: 'failure', c: 'failure', d: 'failure' });
    expect(run.jobs['a']?.reason).toContain('services');
    expect(run.jobs['d']?.reason).toContain('windows');
    expect(run.annotations.join()).toMatch(
      /no stand-in for someone\/something@v1.*standins\/someone\/something\/action.yml/s,
    );
    expect(run.annotations.join()).toContain('Docker actions are not supported');
  });
});

describe('steps', () => {
  test('scripts keep quotes, heredocs, folding and indentation around expressions', async () => {
    const run = await runWorkflow(`on: push
jobs:
  a:
    runs-on: x
    steps:
      - id: o
        run: |
          {
            echo 'j<<EOF'
            echo '{"a": "it'"'"'s"}'
            echo EOF
          } >> "$GITHUB_OUTPUT"
      - run: |
          cat <<'X'
          \${{ steps.o.outputs.j }}
            indented
          X
          echo 'q1' 'q2' "{}}" \${{ fromJSON(steps.o.outputs.j).a != '' && 'ok' }}
      - run: >-
          echo "folded
          line \${{ github.ref }}"
`);
    expect(run.conclusion).toBe('success');
    expect(run.output).toContain('{"a": "it\'s"}\n  indented\nq1 q2 {}} ok');
    expect(run.output).toContain('folded line refs/heads/main');
  });

  test('the default shell has no pipefail, shell: bash has', async () => {
    const run = await runWorkflow(
      jobs(`  a: { runs-on: x, steps: [{run: "false | true"}] }
  b: { runs-on: x, steps: [{run: "false | true", shell: bash}] }
  c: { runs-on: x, steps: [{run: "console.log('from ' + process.version.slice(0, 3))", shell: node}] }`),
    );
    expect(run.results).toEqual({ a: 'success', b: 'failure', c: 'success' });
    expect(run.output).toContain('from v24');
  });

  test('environment: workflow, job, GITHUB_ENV, step; nothing of the developer', async () => {
    process.env['MY_LAPTOP'] = 'leaks';
    const run = await runWorkflow(
      `on: push
env: { A: workflow, B: workflow }
jobs:
  a:
    runs-on: x
    env: { A: "job-\${{ github.event_name }}", C: "\${{ vars.V }}" }
    steps:
      - run: echo "D=set" >> "$GITHUB_ENV"; mkdir -p tool; echo "$PWD/tool" >> "$GITHUB_PATH"
      - env: { A: step }
        run: 'echo "$A $B $C $D \${{ env.A }} \${{ env.D }} laptop=[$MY_LAPTOP] path=\${PATH%%:*} home=$HOME"'
`,
      { variables: { V: 'variable' } },
    );
    delete process.env['MY_LAPTOP'];
    expect(run.output).toMatch(/step workflow variable set step set laptop=\[\] path=\S+\/tool home=\S+\/home/);
  });

  test('continue-on-error: outcome and conclusion differ', async () => {
    const run = await runWorkflow(
      oneJob(
        `{id: s, run: exit 3, continue-on-error: true}, {run: 'echo "\${{ steps.s.outcome }} \${{ steps.s.conclusion }}"'}`,
      ),
    );
    expect(run.output).toContain('failure success');
    expect(run.conclusion).toBe('success');
  });

  test('a malformed output file fails the step', async () => {
    const run = await runWorkflow(oneJob('{run: "echo nonsense >> $GITHUB_OUTPUT"}'));
    expect(run.conclusion).toBe('failure');
    expect(run.annotations.join()).toContain("Invalid format 'nonsense'");
  });

  test('commands: annotations, stop-commands, masks', async () => {
    const run = await runWorkflow(
      oneJob(
        `{run: "echo ::stop-commands::tok1; echo ::error::no error; echo ::tok1::; echo ::warning file=a.ts,line=3::look; echo ::add-mask::sesame; echo open sesame"}`,
      ),
    );
    expect(run.output).toContain('::error::no error');
    expect(run.output).toContain('open ***');
    expect(run.jobs['a']?.annotations).toEqual([
      { level: 'warning', message: 'look', file: 'a.ts', line: 3, step: expect.any(String) },
    ]);
  });

  test('secrets are masked line by line and as base64, also in the summary', async () => {
    const run = await runWorkflow(
      oneJob(
        `{run: 'echo "$S"; echo "$S" | head -1; printf %s "$S" | base64 -w0; echo "see $S" >> "$GITHUB_STEP_SUMMARY"', env: {S: "\${{ secrets.S }}"}}`,
      ),
      { secrets: { S: 'line-one\nline-two' } },
    );
    expect(run.output).not.toMatch(/line-one|line-two|bGluZS1vbm/);
    expect(run.jobs['a']?.summary).toBe('see ***\n');
  });

  test('a step that times out fails, and failure() steps follow', async () => {
    const run = await runWorkflow(
      oneJob('{run: sleep 20, timeout-minutes: 0.002}, {if: failure(), run: echo cleanup ran}'),
    );
    expect(run.conclusion).toBe('failure');
    expect(run.output).toContain('has timed out after 0.002 minutes');
    expect(run.output).toContain('cleanup ran');
  });
});
