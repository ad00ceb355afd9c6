import { ExecaError, execa, type Options } from 'execa'
import { OperatorError } from '../../crash/errors.ts'

/** Runs a program of somebody else, whose words people see. Resolves to what it wrote to its output. */
export async function runTool(
  name: string,
  args: readonly string[],
  options: Pick<Options, 'cwd' | 'env'> = {},
): Promise<string> {
  try {
    const { stdout } = await execa(name, args, { ...options, stderr: 'inherit', timeout: LONGEST_MS })
    return `${stdout}`
  } catch (cause) {
    throw whyNotRun(name, cause)
  }
}

// The image for another architecture is made by an emulated processor; nothing else takes minutes.
const LONGEST_MS = 45 * 60_000

function whyNotRun(name: string, cause: unknown): unknown {
  if (!(cause instanceof ExecaError) || cause.code !== 'ENOENT') return cause
  return new OperatorError(`Cannot find "${name}"`, 'Run .ci/install-release, which brings it.', cause)
}
