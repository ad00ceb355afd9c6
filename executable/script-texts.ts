/** The scripts of a program that is one file: the build puts them here. */
export const MAIN_TEXT = ''

/** The others, by name, in base64, as `deflateRaw` has them: V8 looks at each byte of the file before it runs. */
export const PACKED_TEXTS: Readonly<Record<string, string>> = {}
