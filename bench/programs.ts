import { compile } from './compile.ts'

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
