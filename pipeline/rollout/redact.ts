/** What looks like a secret by its name: the value after it is cut. */
const NAMED =
  /((?:["']?)[\w.-]*(?:secret|token|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|dsn)[\w.-]*(?:["']?)\s*[:=]\s*)("[^"]*"|'[^']*'|(?:(?:Bearer|Basic)\s+)?[^\s,;&}"']+)/gi;

/** What looks like a secret by itself. */
const SHAPES: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[opusr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_\w{20,}\b/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:sk|pk|rk|xox[abprs]|sntry[su])[-_][\w-]{16,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g,
  /(?<=\b(?:Bearer|Basic)\s)[\w.~+/=-]{8,}/gi,
  // user:password@ in a URL
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];

const CUT = '***';

/** A line of somebody's log without what looks like a secret: it is about to be shown to everyone who may read the run. Pure. */
export function redact(line: string): string {
  const named = line.replace(NAMED, (_whole, name: string) => `${name}${CUT}`);
  return SHAPES.reduce((text, shape) => text.replaceAll(shape, CUT), named);
}
