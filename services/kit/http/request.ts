/** A request as handlers see it, no matter whether it came over a socket or as an event of the load balancer. */
export interface HttpRequest {
  readonly method: string;
  /** Path with the query, as sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** A request that found its route. */
export interface RoutedRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: HttpRequest['headers'];
  /** Values of the `:name` parts of the route's path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The parsed body of a route that takes JSON, the bytes of one that takes `bytes`, else undefined. */
  readonly body: unknown;
}
