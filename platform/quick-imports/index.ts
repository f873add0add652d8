// Loaded before everything else (node --import): makes programs that use drizzle-orm start in half the time.
// drizzle-orm's package.json is 180 kB of `exports`, which Node 26 parses again for each of its 200 ES modules: 0.6 s
// of CPU per process. Its CommonJS files are the same code and have that cost once.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith("drizzle-orm")) return next(specifier, context);
    return next(specifier, { ...context, conditions: ["node", "require", "default"] });
  },
});
