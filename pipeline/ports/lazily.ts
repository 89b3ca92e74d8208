/**
 * A port whose adapter is loaded at its first call, so that an action pays only for the AWS services that it calls.
 * Every method of a port returns a promise, therefore waiting for the import changes nothing for the caller.
 */
export function lazily<Port extends object>(load: () => Promise<Port>): Port {
  let loading: Promise<Port> | undefined;
  return new Proxy({} as Port, {
    get(_target, name) {
      // A promise is awaited by looking for `then`; a port is not one.
      if (name === 'then') return undefined;
      return async (...args: readonly unknown[]) => {
        loading ??= load();
        const port = await loading;
        const method: unknown = Reflect.get(port, name);
        if (typeof method !== 'function') throw new TypeError(`the port has no method ${String(name)}`);
        return method.apply(port, args);
      };
    },
  });
}
