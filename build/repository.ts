/** Where the sources are. */
export const REPOSITORY = 'https://github.com/coredog/coredog'
