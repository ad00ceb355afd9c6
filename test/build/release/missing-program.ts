import { programInPath } from '../../../build/program-in-path.ts'

/** The first of `names` that this machine does not have. */
export function missingProgram(...names: readonly string[]): string | null {
  return names.find(name => programInPath(name) === null) ?? null
}
