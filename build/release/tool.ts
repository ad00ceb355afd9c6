import { ExecaError, execa, type Options } from 'execa'
import { OperatorError } from '../../crash/errors.ts'

/** Runs a program of somebody else, whose words people see. Resolves to what it wrote to its output. */
export async function runTool(
  name: string,
  args: readonly string[],
  options: Pick<Options, 'cwd' | 'env' | 'input' | 'timeout' | 'stderr'> = {},
): Promise<string> {
  try {
    const { stdout } = await execa(name, args, { stderr: 'inherit', timeout: LONGEST_MS, ...options })
    return `${stdout}`
  } catch (cause) {
    throw whyNotRun(name, cause)
  }
}

/** Whether a program ended because of this, by its own words; they are there if it was run with stderr: 'pipe'. */
export function saidWhy(thrown: unknown, words: RegExp): boolean {
  return thrown instanceof ExecaError && words.test(`${thrown.stderr}`)
}

// The image for another architecture is made by an emulated processor; nothing else takes minutes.
const LONGEST_MS = 45 * 60_000

function whyNotRun(name: string, cause: unknown): unknown {
  if (!(cause instanceof ExecaError) || cause.code !== 'ENOENT') return cause
  return new OperatorError(`Cannot find "${name}"`, 'Run .ci/install-release, which brings it.', cause)
}
