const SHORTEST = 3;

/** Replaces secrets by `***` in everything that leaves a job, also in the forms in which tools print them. */
export interface Masker {
  add(secret: string): void;
  mask(text: string): string;
  /** True if the text holds a secret. */
  reveals(text: string): boolean;
}

export function createMasker(secrets: Iterable<string> = []): Masker {
  const values = new Set<string>();
  let longestFirst: readonly string[] = [];

  function add(secret: string): void {
    for (const form of formsOf(secret)) if (form.trim().length >= SHORTEST) values.add(form);
    longestFirst = [...values].sort((one, other) => other.length - one.length);
  }
  function mask(text: string): string {
    return longestFirst.reduce((masked, value) => masked.replaceAll(value, '***'), text);
  }

  for (const secret of secrets) add(secret);
  return { add, mask, reveals: (text) => longestFirst.some((value) => text.includes(value)) };
}

/** A secret of several lines is printed line by line; others come out as JSON, base64 or in a URL. */
function formsOf(secret: string): readonly string[] {
  return [
    secret,
    ...secret.split(/\r?\n/),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(secret.toWellFormed()),
  ];
}
