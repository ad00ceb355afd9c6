import { signalName } from '../../crash/signal.ts'
import type { InstallerEvent } from '../nodes/node-events.ts'
import { type Finding, no, note, ok } from './finding.ts'
import type { ContainerFacts, PodFacts } from './pod-facts.ts'

/** Of which the kernel makes a core: signal(7). */
const CORE_SIGNALS = [3, 4, 5, 6, 7, 8, 11, 24, 25, 31]

/** How the container ended the last time, and whether there could be a core of that. */
export function lastEndFindings(
  pod: PodFacts,
  { name, isRunning, lastEnd }: ContainerFacts,
  events: readonly InstallerEvent[],
): readonly Finding[] {
  if (lastEnd === null) return []
  const { reason, exitCode, at } = lastEnd
  const log = `kubectl -n ${pod.namespace} logs ${pod.name} -c ${name}${isRunning ? ' --previous' : ''}`
  const ended = `${name} ended at ${at || 'an unknown time'}`
  if (reason === 'OOMKilled')
    return [
      note(
        `${ended} for want of memory (OOMKilled): the kernel ends it with SIGKILL, of which there is no core`,
        'Raise its memory limit, or have the runtime give up before that (a limit of the heap).',
      ),
    ]
  const signal = exitCode - 128
  if (signal <= 0 || signal > 64)
    return [
      note(
        `${ended} by itself with exit code ${exitCode}: without a signal there is no core`,
        hintFor(exitCode, log),
      ),
    ]
  if (CORE_SIGNALS.includes(signal)) return [crashFinding(ended, signalName(signal), events, log)]
  return [note(`${ended} of ${signalName(signal)}, of which there is no core`, senderOf(signal, log))]
}

function hintFor(exitCode: number, log: string): string {
  if (exitCode === 0) return 'Its program had no more to do.'
  const go = 'A program of Go that panics ends so: with GOTRACEBACK=crash in its environment it makes a core.'
  return exitCode === 2 ? `${go} What it said: ${log}` : `What it said: ${log}`
}

function senderOf(signal: number, log: string): string {
  return signal === 9
    ? `Its memory limit (a runtime may tell of that no more than so), a probe that failed, an eviction, or a node short of memory. kubectl describe shows Events of that; what it said: ${log}`
    : `Somebody ended it. What it said: ${log}`
}

/** An Event lives for an hour. */
function crashFinding(
  ended: string,
  signal: string,
  events: readonly InstallerEvent[],
  log: string,
): Finding {
  const told = events.find(({ reason }) => reason.startsWith('CoreDump'))
  const what = `${ended} of ${signal}, which makes a core`
  if (told === undefined)
    return note(
      `${what}; no Event of the last hour tells of one`,
      `kubectl coredog list shows older ones. What it said: ${log}`,
    )
  return told.reason === 'CoreDumpFailed'
    ? no(`${what}; it was lost: ${told.note}`, 'See docs/troubleshooting.md.')
    : ok(`${what}: ${told.reason}: ${told.note}`)
}
