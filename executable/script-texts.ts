/** The scripts of a program that is one file, by name: the build puts them here. */
export const SCRIPT_TEXTS: Readonly<Record<string, string>> = {}
