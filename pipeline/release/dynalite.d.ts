/** The part of dynalite (DynamoDB in memory, JavaScript without types) that tests use. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  const dynalite: (options: { readonly createTableMs?: number }) => Server;
  export = dynalite;
}
