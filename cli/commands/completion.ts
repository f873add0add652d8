import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { flagNames } from "../flags.ts";
import { helpText } from "../help.ts";
import type { CommandContext } from "./command-context.ts";

/** `supergraph completion bash|zsh|fish`: a script to source. */
export async function completion({ args }: CommandContext): Promise<number> {
  const names = [...helpText.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!);
  const words = [...new Set(names), ...flagNames].join(" ");
  switch (args[0]) {
    case "bash":
      console.log(`complete -o default -W "${words}" supergraph`);
      break;
    case "zsh":
      console.log(`autoload -U +X bashcompinit && bashcompinit\ncomplete -o default -W "${words}" supergraph`);
      break;
    case "fish":
      for (const word of words.split(" "))
        console.log(
          word.startsWith("--")
            ? `complete -c supergraph -l ${word.slice(2)}`
            : `complete -c supergraph -n __fish_use_subcommand -a ${word}`,
        );
      break;
    default:
      throw new CouldNotRun("completion: give bash, zsh or fish");
  }
  return exitCodes.safe;
}
