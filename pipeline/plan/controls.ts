interface Finding {
  readonly stack?: string;
  readonly resource?: string;
}

interface Verdict {
  readonly control?: { readonly id?: string; readonly why?: string };
  readonly broken?: readonly Finding[];
}

/**
 * Controls that do not hold, in words, out of what `npm run controls -- --json` printed: one verdict a line. It was printed by a pull request's own code,
 * so nothing about it is taken for granted; that its waivers and controls are what a reviewer wants is seen in the diff.
 */
export function readViolations(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    try {
      const { control, broken = [] } = JSON.parse(line) as Verdict;
      return broken.map(
        ({ stack, resource }) => `${control?.id}: ${stack} ${resource}: ${control?.why ?? 'no reason given'}`,
      );
    } catch {
      return [`The controls could not be judged: ${line.slice(0, 200)}`];
    }
  });
}
