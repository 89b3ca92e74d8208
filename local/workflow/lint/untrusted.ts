import { referencesOf } from '../expression/references.ts';

/** What strangers (or whoever starts a run) write. Source: GitHub Security Lab, "Untrusted input". */
const UNTRUSTED = [
  /^github\.event\.(pull_request|issue|discussion|release)\.(title|body|name)$/,
  /^github\.event\.(comment|review|review_comment)\.body$/,
  /^github\.event\.pull_request\.head\.(ref|label|repo\.default_branch)$/,
  /^github\.(head_ref|ref_name|ref)$/,
  /^github\.event\.(head_commit|commits\.[^.]+)\.(message|author\.(name|email))$/,
  /^github\.event\.pages\.\*\.page_name$/,
  /^github\.event\.workflow_run\.(head_branch|head_commit|display_title)/,
  /^github\.event\.inputs/,
  /^inputs(\.|$)/,
  /^env\./,
];
/** Whole objects that hold such text. */
const CONTAINERS = /^github(\.event(\.(pull_request|issue|comment|review|head_commit|commits|workflow_run))?)?$/;

/** The values in an expression that must not become code; none for a malformed one, which GitHub's parser reports. */
export function untrustedReferences(expression: string): readonly string[] {
  try {
    return referencesOf(expression).filter(
      (path) => CONTAINERS.test(path) || UNTRUSTED.some((pattern) => pattern.test(path)),
    );
  } catch {
    return [];
  }
}
