/** SPDX identifiers that packages really have (https://spdx.org/licenses/). */
const KNOWN: ReadonlySet<string> = new Set(
  `0BSD AFL-2.1 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-3.0
  CC-BY-4.0 CC0-1.0 EPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later
  LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-2.0 OpenSSL PSF-2.0 Python-2.0 Unicode-3.0 Unlicense WTFPL X11 Zlib`.split(
    /\s+/,
  ),
);
const OPERATORS: readonly string[] = ['AND', 'OR'];

/**
 * A package's licence as CycloneDX has it (https://cyclonedx.org/docs/1.6/json/#components_items_licenses): an identifier, an expression
 * of identifiers, or, for whatever else a package says, its words. A document with an identifier that SPDX does not know is invalid. Pure.
 */
export function licensesOf(text: string): object[] {
  if (KNOWN.has(text)) return [{ license: { id: text } }];
  if (text === '') return [];
  return isExpression(text) ? [{ expression: text }] : [{ license: { name: text } }];
}

/** Identifiers and operators in turn, whatever the parentheses. */
function isExpression(text: string): boolean {
  const words = text.replaceAll(/[()]/g, ' ').trim().split(/\s+/);
  return (
    words.length % 2 === 1 &&
    words.every((word, index) => (index % 2 === 0 ? KNOWN.has(word) : OPERATORS.includes(word)))
  );
}
