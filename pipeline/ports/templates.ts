import type { Template } from '../release/template.ts';

/** A template with its version, the SHA-256 of the JSON that Terraform published. */
export interface PublishedTemplate {
  readonly template: Template;
  readonly version: string;
}

/** Where Terraform publishes the templates of an environment. */
export interface Templates {
  /** Service -> template. Empty when the environment was never provisioned. */
  load(environment: string): Promise<Readonly<Record<string, PublishedTemplate>>>;
}
