import type { ContainerView, PodView, ProcessView } from '../../node-view/pod-view.ts'
import { type Finding, no, note, ok, unknown } from './finding.ts'
import type { ContainerFacts, PodFacts } from './pod-facts.ts'

/** What the node sees of the processes of one container. */
export function processFindings(
  pod: PodFacts,
  { name, isRunning }: ContainerFacts,
  view: PodView,
): readonly Finding[] {
  if (!isRunning) return [note(`${name} does not run, so its processes could not be looked at`)]
  const container = view.containers.find(found => found.name === name)
  if (container === undefined)
    return [unknown(`the node does not know ${name} yet`, 'Try again in some seconds.')]
  if (container.processCount === 0) return [ownKernel(pod, name)]
  const findings = container.processes.flatMap(process => ofProcess(name, process, view))
  return findings.length > 0 ? distinct(findings) : [ok(allFine(container))]
}

function ownKernel({ runtimeClass }: PodFacts, name: string): Finding {
  const by = runtimeClass === null ? '' : ` (runtimeClassName ${runtimeClass})`
  return no(
    `${name} runs, and no process of it is one of this node's kernel${by}: it has a kernel of its own, as with Kata or gVisor, whose crashes the node does not see`,
    'Run it with the usual runtime, at least to find the crash.',
  )
}

function allFine({ name, processCount }: ContainerView): string {
  return `the kernel makes a core of the processes of ${name} (it has ${processCount})`
}

function ofProcess(name: string, process: ProcessView, view: PodView): readonly Finding[] {
  const who = `process ${process.pid} of ${name}`
  return [
    ...limit(who, process, view),
    ...dumpable(who, process, view),
    ...filter(who, process),
    ...signals(who, process),
  ]
}

/** The kernel's pipe knows but one limit, which is its own mark against handlers that crash. */
function limit(who: string, { coreLimitBytes }: ProcessView, { capture }: PodView): readonly Finding[] {
  if (coreLimitBytes === 1)
    return [
      no(
        `${who} has a core limit of 1 byte, by which the kernel makes no core`,
        'Have it start without `ulimit -c 1`.',
      ),
    ]
  if (capture === 'pipe' || coreLimitBytes === null || coreLimitBytes > 4096) return []
  return [
    no(
      `${who} has a core limit of ${coreLimitBytes} bytes, and cores are files here`,
      'Have it start with `ulimit -c unlimited`.',
    ),
  ]
}

function dumpable(who: string, { dumpable }: ProcessView, { suidDumpable }: PodView): readonly Finding[] {
  if (dumpable !== false || suidDumpable === 1) return []
  const what = `${who} is not dumpable: it changed its user, may not read its own program, or asked for it (prctl)`
  if (suidDumpable === 2)
    return [
      note(
        `${what}. A core is made unless it asked`,
        'A program that calls prctl(PR_SET_DUMPABLE, 0) is to leave that out.',
      ),
    ]
  return [
    no(
      `${what}, so the kernel makes no core`,
      'Start it as the user that it runs as (runAsUser), without setuid.',
    ),
  ]
}

/** Bit 0: private memory that is no file's, which is heap and stacks. core(5). */
function filter(who: string, { coreDumpFilter }: ProcessView): readonly Finding[] {
  if (coreDumpFilter === null || Number.parseInt(coreDumpFilter, 16) & 1) return []
  return [
    note(
      `${who} leaves heap and stacks out of its core (coredump_filter ${coreDumpFilter})`,
      'Have it keep 0x33, the default: core(5).',
    ),
  ]
}

function signals(who: string, { handles, ignores }: ProcessView): readonly Finding[] {
  const handled = handles.filter(signal => FAULTS.includes(signal))
  const findings: Finding[] = []
  if (handled.length > 0)
    findings.push(
      note(
        `${who} has handlers of its own for ${handled.join(', ')}: a core is made only if they let the signal go on`,
        'Runtimes and crash reporters do; Go does with GOTRACEBACK=crash alone.',
      ),
    )
  if (ignores.includes('SIGABRT'))
    findings.push(
      note(`${who} ignores SIGABRT: \`kill -ABRT\` does nothing, abort() makes a core all the same`),
    )
  return findings
}

const FAULTS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL']

/** Of many alike a person wants one. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map(finding => [finding.what.replace(/^process \d+/, 'process'), finding]))
  return [...seen.values()].slice(0, MOST)
}

const MOST = 8
