import path from 'node:path'
import { execa } from 'execa'
import { OperatorError } from '../crash/errors.ts'

/** Our C programs: what has to be measured without Node in between. */
export interface Programs {
  readonly coreMaker: string
  readonly meter: string
}

export async function compilePrograms(folder: string): Promise<Programs> {
  return {
    coreMaker: await compile('core-maker', folder),
    meter: await compile('meter', folder),
  }
}

async function compile(name: string, folder: string): Promise<string> {
  const program = path.join(folder, name)
  const source = path.join(import.meta.dirname, `${name}.c`)
  try {
    await execa('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source])
    return program
  } catch (cause) {
    throw new OperatorError(
      `Cannot compile "${source}": gcc is missing or refuses it`,
      'Install gcc and the headers of the C library (Debian: gcc, libc6-dev).',
      cause,
    )
  }
}
