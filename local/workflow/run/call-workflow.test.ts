import { runWorkflow } from '../testing/run-workflow.ts';

const called = `on:
  workflow_call:
    inputs: { name: { type: string, required: true }, loud: { type: boolean, default: true } }
    secrets: { KEY: { required: true } }
    outputs: { said: { value: '\${{ jobs.inner.outputs.said }}' } }
jobs:
  inner:
    runs-on: x
    outputs: { said: '\${{ steps.s.outputs.said }}' }
    steps:
      - id: s
        run: 'echo "said=\${{ inputs.name }} \${{ inputs.loud && 1 }}" >> "$GITHUB_OUTPUT"; test "\${{ secrets.KEY }}" = abc'
`;
const files = { '.github/workflows/called.yml': called };
const caller = (job: string): string =>
  `on: push\npermissions: { contents: read }\njobs:\n  outer:\n    uses: ./.github/workflows/called.yml\n${job}`;

test('inputs, secrets and outputs of a called workflow; its jobs carry the caller’s name', async () => {
  const run = await runWorkflow(
    `${caller(`    with: { name: moin }\n    secrets: { KEY: '\${{ secrets.K }}' }\n`)}  after:\n    needs: outer\n    runs-on: x\n    steps: [{ run: 'echo "[\${{ needs.outer.outputs.said }}]"' }]\n`,
    { files, secrets: { K: 'abc' } },
  );
  expect(run.results).toEqual({ 'outer / inner': 'success', after: 'success' });
  expect(run.output).toContain('[moin 1]');
});

const plain = 'on: push\njobs: { a: { runs-on: x, steps: [{ run: "true" }] } }';

test.each([
  ['a missing secret', `    with: { name: moin }\n`, files, 'Secret KEY is required'],
  ['a missing input', `    secrets: inherit\n`, files, 'Input name is required'],
  ['an unknown input', `    secrets: inherit\n    with: { name: a, other: b }\n`, files, 'other is not defined'],
  ['a missing file', '', {}, 'called.yml does not exist'],
  ['no workflow_call', '', { '.github/workflows/called.yml': plain }, 'not reusable'],
  [
    'more permissions than the caller has',
    `    secrets: inherit\n    with: { name: a }\n`,
    { '.github/workflows/called.yml': called.replace('jobs:', 'permissions: { contents: write }\njobs:') },
    "requesting 'contents: write', but 'outer' is only allowed 'contents: read'",
  ],
])('%s is refused', async (_, job, present, reason) => {
  const run = await runWorkflow(caller(job), { files: present, secrets: { KEY: 'abc' } });
  expect(run.conclusion).toBe('failure');
  expect(run.annotations.join()).toContain(reason);
});
