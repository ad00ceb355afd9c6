import { Command } from 'commander'
import type { Coredump } from '../../coredump/coredump.ts'
import { anySignal } from '../../time/any-signal.ts'
import { chosenNamespace } from '../commands/chosen-namespace.ts'
import { addGlobalOptions, type GlobalOptions } from '../options.ts'
import { ageInWords } from '../terminal/units.ts'
import type { World } from '../world.ts'
import type { Candidate } from './candidate.ts'

/** Somebody waits at a prompt. */
const LONGEST_WAIT_MS = 4000
const MOST_SHOWN = 40
const MOST_LOOKED_AT = 500

/** The newest crashes whose ids begin so, where the options that were written look for them. */
export async function crashesNamed(
  start: string,
  words: readonly string[],
  world: World,
): Promise<readonly Candidate[]> {
  const late = new Promise<readonly Candidate[]>(resolve => {
    setTimeout(() => resolve([]), LONGEST_WAIT_MS).unref()
  })
  // What is wrong, the command itself says.
  return await Promise.race([found(start, words, world).catch(() => []), late])
}

async function found(start: string, words: readonly string[], world: World): Promise<readonly Candidate[]> {
  const options = optionsIn(words)
  const source = await world.openSource(options)
  const signal = anySignal([world.signal, AbortSignal.timeout(LONGEST_WAIT_MS)])
  const candidates = new Map<string, Candidate>()
  let looked = 0
  for await (const crash of source.list({ namespace: chosenNamespace(options, source) }, signal)) {
    const candidate = candidateFor(crash, start, world.now())
    if (candidate.value.startsWith(start) && !candidates.has(candidate.value))
      candidates.set(candidate.value, candidate)
    looked += 1
    if (candidates.size === MOST_SHOWN || looked === MOST_LOOKED_AT) break
  }
  return [...candidates.values()]
}

function candidateFor({ metadata, spec }: Coredump, start: string, now: Date): Candidate {
  const age = ageInWords(new Date(metadata.creationTimestamp), now)
  const what = `${metadata.namespace}/${spec.pod.name} ${spec.signal?.name ?? ''} ${age} ago`
  return { value: start.startsWith('pod/') ? `pod/${spec.pod.name}` : spec.id, what }
}

function optionsIn(words: readonly string[]): GlobalOptions {
  const options = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  addGlobalOptions(options)
  options.parseOptions([...words])
  return options.opts<GlobalOptions>()
}
