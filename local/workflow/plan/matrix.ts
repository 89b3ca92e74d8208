/** One job of a matrix: its values by key. */
export type Combination = Readonly<Record<string, unknown>>;

/**
 * The combinations of an (already rendered) `strategy.matrix`, with GitHub's rules: excluded ones are dropped, an `include`
 * extends every combination whose original values it does not change, else it adds one.
 * @throws Error when nothing is left, as GitHub refuses such a job.
 */
export function expandMatrix(matrix: unknown): readonly Combination[] {
  if (matrix === undefined || matrix === null) return [{}];
  if (typeof matrix !== 'object') throw new Error('The matrix is not a mapping');
  const { include, exclude, ...vectors } = matrix as Record<string, unknown>;
  const keys = Object.keys(vectors);
  const original =
    keys.length === 0 ? [] : product(vectors).filter((one) => !listOf(exclude).some((out) => agrees(one, out)));
  const extended: Record<string, unknown>[] = original.map((one) => ({ ...one }));
  for (const addition of listOf(include)) {
    const shared = Object.fromEntries(Object.entries(addition).filter(([key]) => keys.includes(key)));
    const fitting = extended.filter((_, index) => original[index] && agrees(original[index], shared));
    if (fitting.length > 0) for (const one of fitting) Object.assign(one, addition);
    else extended.push({ ...addition });
  }
  if (extended.length === 0) throw new Error('Matrix vector does not contain any values');
  return extended;
}

/** Name of a matrix job's values as GitHub shows them: `(a, 1)`. */
export function matrixLabel(combination: Combination): string {
  const values = Object.values(combination).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  );
  return values.length === 0 ? '' : ` (${values.join(', ')})`;
}

function product(vectors: Readonly<Record<string, unknown>>): readonly Combination[] {
  return Object.entries(vectors).reduce<readonly Combination[]>(
    (combinations, [key, values]) => {
      if (!Array.isArray(values)) throw new Error(`The matrix vector '${key}' is not a list`);
      return combinations.flatMap((one) => values.map((value: unknown) => ({ ...one, [key]: value })));
    },
    [{}],
  );
}

function agrees(combination: Combination, values: Combination): boolean {
  return Object.entries(values).every(([key, value]) => JSON.stringify(combination[key]) === JSON.stringify(value));
}

function listOf(value: unknown): readonly Combination[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error('include and exclude of a matrix are lists');
  return value as Combination[];
}
