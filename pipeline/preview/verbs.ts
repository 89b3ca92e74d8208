/** What people may ask for in a comment (`/preview sleep`) or by a label (`preview-sleep`). */
export const VERBS = ['sleep', 'wake', 'extend', 'destroy', 'full'] as const;
export type Verb = (typeof VERBS)[number];

export const FULL_LABEL = 'preview-full';
/** Lets the preview of a fork's commit be built. */
export const FORK_LABEL = 'preview-fork';

/** The command in a comment; undefined when there is none. `problem`: it is none that we know. */
export function parseCommand(text: string): { readonly verb: Verb } | { readonly problem: string } | undefined {
  const [line, word = ''] = /^\/preview(?:[ \t]+(\S*))?[ \t]*$/m.exec(text) ?? [];
  if (line === undefined) return undefined;
  const verb = VERBS.find((one) => one === word);
  return verb === undefined ? { problem: `/preview ${word} is no command. Known: ${VERBS.join(', ')}.` } : { verb };
}

/** The command that a label stands for. */
export const commandOfLabel = (label: string): Verb | undefined => VERBS.find((verb) => label === `preview-${verb}`);
