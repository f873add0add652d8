/** A bounded set of names that forgets, after a day or two, those that are no longer seen. */
export interface AdmittedNames {
  /** True for a name that is in the set now, whether it was before or there was place for it. */
  admit(name: string): boolean;
  /** A day is over: who was seen in it keeps a place for the next one. */
  turn(): void;
}

/** At most `max` new names each day. Those of the day before never lose their place, so a flood of new ones cannot push them out. */
export function createAdmittedNames(max: number): AdmittedNames {
  let before = new Set<string>();
  let now = new Set<string>();
  return {
    admit(name) {
      if (now.has(name)) return true;
      if (now.size >= max && !before.has(name)) return false;
      now.add(name);
      return true;
    },
    turn() {
      before = now;
      now = new Set();
    },
  };
}
