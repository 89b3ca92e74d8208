import type { InputDefinition } from '../definition/types.ts';

type InputDefinitions = Readonly<Record<string, InputDefinition | null>>;

export type DispatchInputs =
  | {
      readonly ok: true;
      /** The `inputs` context: booleans and numbers have their type. */
      readonly typed: Readonly<Record<string, unknown>>;
      /** `github.event.inputs`: everything is a string. */
      readonly text: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly message: string };

/** Inputs of a `workflow_dispatch` from what was given and what the workflow declares, with GitHub's own messages. */
export function dispatchInputs(
  definitions: InputDefinitions,
  given: Readonly<Record<string, unknown>>,
): DispatchInputs {
  const unexpected = Object.keys(given).filter((name) => !(name in definitions));
  if (unexpected.length > 0) return { ok: false, message: `Unexpected inputs provided: ${JSON.stringify(unexpected)}` };
  const text: Record<string, string> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const value = String(given[name] ?? definition?.default ?? '');
    const fault = inputFault(name, definition, value);
    if (fault) return { ok: false, message: fault };
    text[name] = value;
  }
  const typed = Object.entries(definitions).map(([name, definition]) => [
    name,
    typedInput(definition, text[name] ?? ''),
  ]);
  return { ok: true, typed: Object.fromEntries(typed), text };
}

/** Inputs of a called workflow: `with` of the caller over the declared defaults. */
export function callInputs(
  definitions: InputDefinitions,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition?.required && given[name] === undefined) {
      throw new Error(`Input ${name} is required, but not provided while calling.`);
    }
  }
  const unexpected = Object.keys(given).filter((name) => !(name in definitions));
  if (unexpected.length > 0)
    throw new Error(`Invalid input, ${unexpected.join(', ')} is not defined in the referenced workflow.`);
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      given[name] ?? definition?.default ?? typedInput(definition, ''),
    ]),
  );
}

function inputFault(name: string, definition: InputDefinition | null, value: string): string | undefined {
  if (value === '') return definition?.required ? `Required input '${name}' not provided` : undefined;
  const { type, options = [] } = definition ?? {};
  if (type === 'choice' && !options.includes(value)) {
    return `Provided value '${value}' for input '${name}' not in the list of allowed values`;
  }
  if (type === 'boolean' && value !== 'true' && value !== 'false') {
    return `Provided value '${value}' for input '${name}' is not a boolean`;
  }
  if (type === 'number' && Number.isNaN(Number(value)))
    return `Provided value '${value}' for input '${name}' is not a number`;
  return undefined;
}

function typedInput(definition: InputDefinition | null, value: string): unknown {
  if (definition?.type === 'boolean') return value === 'true';
  if (definition?.type === 'number') return Number(value);
  return value;
}
