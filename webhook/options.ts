import type { ServingOptions } from '../serving/options.ts'

/** What the command line says. */
export interface Options extends ServingOptions {
  readonly webhookConfiguration: string
}
