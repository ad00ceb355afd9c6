/**
 * What the thread runs: a file, and once the handler is built the text of one of its scripts, which stands in the
 * place of this module then.
 */
export const threadSource: URL | string = new URL('./thread.ts', import.meta.url)
