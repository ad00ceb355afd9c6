const INTERPRETER = /\/(?:lib)?python(?:3(?:\.\d{1,3})?[a-z]{0,2})?(?:\.so[^/]{0,20})?$/
const LONGEST_PATH = 4096

/** Whether a file with that path may be an interpreter, or its library. */
export function mayBePython(path: string): boolean {
  return path.length <= LONGEST_PATH && INTERPRETER.test(path)
}
