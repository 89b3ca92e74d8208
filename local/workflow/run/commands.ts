/** A workflow command that a process printed, as `::warning file=a.ts,line=3::text`. */
export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly value: string;
}

/** Reads a line as a workflow command; nothing when it is none. Source: actions/toolkit, packages/core/src/command.ts. */
export function parseCommand(line: string): Command | undefined {
  const text = line.trimStart();
  if (!text.startsWith('::')) return undefined;
  const end = text.indexOf('::', 2);
  if (end < 0) return undefined;
  const header = text.slice(2, end);
  const space = header.indexOf(' ');
  const name = space < 0 ? header : header.slice(0, space);
  if (!/^[a-z-]+$/i.test(name)) return undefined;
  const properties: Record<string, string> = {};
  for (const property of space < 0 ? [] : header.slice(space + 1).split(',')) {
    const equals = property.indexOf('=');
    if (equals > 0) properties[property.slice(0, equals).trim()] = unescapeProperty(property.slice(equals + 1));
  }
  return { name: name.toLowerCase(), properties, value: unescapeData(text.slice(end + 2)) };
}

/**
 * Reads what a step wrote to GITHUB_OUTPUT, GITHUB_ENV or GITHUB_STATE: `name=value` lines and `name<<DELIMITER` blocks.
 * @throws Error with GitHub's message for a malformed line.
 */
export function parseKeyValues(text: string): readonly (readonly [name: string, value: string])[] {
  const found: [string, string][] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'. Name must not be empty`);
      found.push([line.slice(0, equals), line.slice(equals + 1)]);
    } else if (heredoc >= 0) {
      const [name, delimiter] = [line.slice(0, heredoc), line.slice(heredoc + 2)];
      if (!name || !delimiter) throw new Error(`Invalid format '${line}'. Name and delimiter must not be empty`);
      const end = lines.indexOf(delimiter, index + 1);
      if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
      found.push([name, lines.slice(index + 1, end).join('\n')]);
      index = end;
    } else throw new Error(`Invalid format '${line}'`);
  }
  return found;
}

function unescapeData(text: string): string {
  return text.replaceAll(/%0D/gi, '\r').replaceAll(/%0A/gi, '\n').replaceAll('%25', '%');
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll(/%3A/gi, ':').replaceAll(/%2C/gi, ','));
}
