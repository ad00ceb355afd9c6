import type { Coredump } from '../../coredump/coredump.ts'
import type { GlobalOptions } from '../options.ts'
import { findCrash } from '../source/find-crash.ts'
import type { CrashSource } from '../source/source.ts'
import type { World } from '../world.ts'
import { chosenNamespace } from './chosen-namespace.ts'

export interface ChosenCrash {
  readonly source: CrashSource
  readonly crash: Coredump
}

/** The crash that a command is about. */
export async function chosenCrash(
  id: string,
  options: GlobalOptions,
  { openSource, signal }: Pick<World, 'openSource' | 'signal'>,
): Promise<ChosenCrash> {
  const source = await openSource(options)
  return {
    source,
    crash: await findCrash(source, { id, namespace: chosenNamespace(options, source) }, signal),
  }
}
