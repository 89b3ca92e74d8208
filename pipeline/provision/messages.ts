/**
 * Terraform's machine-readable messages, one JSON object a line.
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
export interface TerraformReport {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly changes: readonly string[];
  /** Errors in words. */
  readonly errors: readonly string[];
}

interface Diagnostic {
  readonly severity?: string;
  readonly summary?: string;
  readonly detail?: string;
  readonly address?: string;
}

interface Message {
  readonly type?: string;
  readonly '@message'?: string;
  readonly diagnostic?: Diagnostic;
  readonly change?: { readonly action?: string; readonly resource?: { readonly addr?: string } };
  readonly changes?: { readonly add?: number; readonly change?: number; readonly remove?: number };
}

/** Reads everything that a plan, apply, destroy or init wrote. Lines that are not JSON do not count. */
export function readReport(stdout: string): TerraformReport {
  const messages = stdout.split('\n').flatMap(parseMessage);
  // The last summary counts what happened; the ones before are what was planned.
  const summary = messages.filter(({ type }) => type === 'change_summary').at(-1)?.changes;
  return {
    add: summary?.add ?? 0,
    change: summary?.change ?? 0,
    destroy: summary?.remove ?? 0,
    changes: messages.filter(({ type }) => type === 'planned_change').flatMap(describeChange),
    // One mistake in a type that is used ten times is one mistake.
    errors: [
      ...new Set(
        messages.flatMap(({ diagnostic }) => (diagnostic?.severity === 'error' ? [describe(diagnostic)] : [])),
      ),
    ],
  };
}

/** The line for people of a message that tells progress of one resource; undefined for everything else. */
export function progressOf(line: string): string | undefined {
  const [message] = parseMessage(line);
  return message?.type === 'apply_complete' ? message['@message'] : undefined;
}

function parseMessage(line: string): Message[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as Message];
  } catch {
    return [];
  }
}

function describeChange({ change }: Message): string[] {
  const { action, resource } = change ?? {};
  return action === undefined || action === 'read' ? [] : [`${action} ${resource?.addr ?? ''}`];
}

function describe({ summary = 'Error', detail = '', address }: Diagnostic): string {
  const place = address === undefined ? '' : `${address}: `;
  const text = detail.trim();
  // Providers often repeat the summary as the detail.
  return `${place}${summary}${text === '' || text === summary ? '' : `: ${text}`}`;
}
