import type { ServingOptions } from '../serving/options.ts'

/** What the command line says. */
export interface Options extends ServingOptions {
  readonly apiService: readonly string[]
  readonly detectorPaths: boolean
}
