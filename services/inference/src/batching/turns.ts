/** Whose turn it is: everybody has one before anybody has a second, however many lanes somebody has. */
export interface Turns<One> {
  add(owner: string, one: One): void;
  /** Removes the next one; undefined when nobody waits. */
  next(): One | undefined;
}

export function createTurns<One>(): Turns<One> {
  // In the order of their turns; an owner of whom nothing waits is not in it.
  const owners = new Map<string, One[]>();
  return {
    add(owner, one) {
      const line = owners.get(owner);
      if (line) line.push(one);
      else owners.set(owner, [one]);
    },
    next() {
      for (const [owner, line] of owners) {
        const one = line.shift();
        owners.delete(owner);
        if (line.length > 0) owners.set(owner, line);
        return one;
      }
      return undefined;
    },
  };
}
