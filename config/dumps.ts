/** From the least on. */
export const DUMPS = ['stacks', 'private', 'full'] as const
