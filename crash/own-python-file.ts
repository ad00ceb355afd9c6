/** Where the standard library lies: `/usr/lib/python3.11/`, `/usr/lib/python311.zip/`. */
const STANDARD = /\/lib(?:32|64)?\/python3?(?:\.?\d{1,4}[a-z]?)?(?:\.zip)?\/(?!(?:site|dist)-packages\/)/
const FROZEN = '<frozen '

/** Whether code of that file is the program's own, or of a package that it uses, and not of Python itself. */
export function isOwnPythonFile(file: string): boolean {
  return !file.startsWith(FROZEN) && !STANDARD.test(file)
}
