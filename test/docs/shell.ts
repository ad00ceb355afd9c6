/** A command of a block of shell, without what it is piped to. */
export type Command = readonly string[]

/** The commands in `text`. Quotes are taken off; what a shell would expand stands as it is. */
export function commandsIn(text: string): readonly Command[] {
  const commands: string[][] = []
  let words: string[] = []
  for (const token of text.replaceAll('\\\n', ' ').matchAll(TOKEN)) {
    const [found, comment, separator] = token
    if (comment !== undefined) continue
    if (separator === undefined) words.push(unquoted(found))
    else {
      commands.push(words)
      words = []
    }
  }
  return [...commands, words].filter(command => command.length > 0)
}

// A comment, what ends a command, or a word, which may have quotes in it.
const TOKEN = /((?<=^|\s)#.*)|(\n|\|\|?|&&?|;)|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"|&;\\])+/gm

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"/g, (_, single, double) => single ?? double)
}
