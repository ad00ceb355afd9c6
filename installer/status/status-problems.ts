import { handlerOf, looksIntoNodes } from '../../crash/our-pattern.ts'
import { withoutMachine } from '../node/machine.ts'
import type { Status } from './node-status.ts'
import type { Problem } from './problem.ts'

// An installer renews it every ten seconds.
const HEARTBEAT_WITHIN_SECONDS = 60

/** What is wrong, causes before what follows from them. */
export function problemsOf(status: Omit<Status, 'problems'>): readonly Problem[] {
  const refused = refusal(status)
  // The node is left alone until there is a configuration: what is not there yet is no problem of its own.
  if (isAbsent(status)) return refused.length > 0 ? refused : [NOT_INSTALLED]
  return [
    ...refused,
    ...(status.way === 'file' ? files(status) : pipe(status)),
    ...status.checks
      .filter(({ ok }) => !ok)
      .map(({ name, text, hint }) => ({ what: `${name}: ${text}`, hint: hint ?? 'See the message.' })),
    ...installer(status),
  ]
}

export const NOT_INSTALLED: Problem = {
  what: 'CoreDog is not installed on this node.',
  hint: 'To install it: `coredog-handler installer install --config-dir=DIR` with your coredog.yaml in DIR; in a cluster the DaemonSet does.',
}

/** Nothing of ours is here, and nothing tells that it ever was. */
function isAbsent({ handler, owner, original, heartbeat }: Omit<Status, 'problems'>): boolean {
  return handler === null && owner !== 'CoreDog' && original.is === 'missing' && heartbeat === null
}

function refusal({ refusal }: Omit<Status, 'problems'>): readonly Problem[] {
  return refusal === null
    ? []
    : [{ what: `the configuration is refused: ${refusal.reason}`, hint: refusal.hint }]
}

function pipe(status: Omit<Status, 'problems'>): readonly Problem[] {
  return [
    ...kernel(status),
    ...handler(status),
    ...(status.inContainer ? machine(status) : neverSet(status) ? [] : owner(status)),
    ...pipeLimit(status),
  ]
}

/**
 * The kernel writes files by itself, without a program of ours; but only an installer that runs collects
 * them.
 */
function files(status: Omit<Status, 'problems'>): readonly Problem[] {
  return [...filePattern(status), ...collector(status)]
}

function filePattern(status: Omit<Status, 'problems'>): readonly Problem[] {
  if (handlerOf(status.corePattern) === null) return owner(status)
  return [
    {
      what: `core_pattern is still the pipe, and fallback.corePattern is true: "${status.corePattern}"`,
      hint: whereToLook(status),
    },
  ]
}

function collector({ heartbeat }: Omit<Status, 'problems'>): readonly Problem[] {
  if (heartbeat !== null) return []
  return [
    {
      what: 'no installer has run since the node started, and nothing else collects core files',
      hint: 'Run the installer as a DaemonSet (`coredog-handler installer run`): `install` alone sets core_pattern and ends.',
    },
  ]
}

function kernel({ staticHelper }: Omit<Status, 'problems'>): readonly Problem[] {
  if (staticHelper !== '') return []
  return [
    {
      what: 'this kernel starts no programs (CONFIG_STATIC_USERMODEHELPER with an empty path)',
      hint: 'Set `fallback.corePattern: true`, or use another node image.',
    },
  ]
}

function handler(status: Omit<Status, 'problems'>): readonly Problem[] {
  const { handler, owner, corePattern } = status
  const reinstall = whereToLook(status)
  // That of its machine is not seen from a node.
  if (!status.inContainer && owner === 'CoreDog' && handler?.path !== corePattern.slice(1).split(' ')[0])
    return [{ what: `core_pattern names a handler that is not there: "${corePattern}"`, hint: reinstall }]
  if (handler === null) return [{ what: 'no handler is on the node', hint: reinstall }]
  if (handler.problem === undefined) return []
  return [
    {
      what: `the handler ${handler.path} does not run: ${handler.problem}`,
      hint: 'Choose another directory with --install-dir, or a handler that was built for this node.',
    },
  ]
}

/** An installer that runs does it itself, as soon as it can: the operator is not to install beside it. */
function whereToLook({ heartbeat }: Omit<Status, 'problems'>): string {
  return heartbeat === null
    ? 'Look for errors in the log of the installer, or run `coredog-handler installer install`.'
    : 'Look for errors in the log of the installer on this node.'
}

/** The handler could not be placed, so core_pattern is what it was: no other program has taken it. */
function neverSet({ handler, original, corePattern }: Omit<Status, 'problems'>): boolean {
  if (handler !== null && handler.problem === undefined) return false
  return original.is === 'missing' || (original.is === 'kept' && original.sysctls.corePattern === corePattern)
}

function machine({ corePattern }: Omit<Status, 'problems'>): readonly Problem[] {
  if (looksIntoNodes(corePattern)) return []
  const { reason, hint } = withoutMachine(corePattern)
  return [{ what: reason, hint }]
}

function owner({ owner, corePattern }: Omit<Status, 'problems'>): readonly Problem[] {
  if (owner === 'CoreDog') return []
  return [
    {
      what: `core_pattern belongs to ${owner}: "${corePattern}"`,
      hint: 'Crashes go there. Keep it from writing core_pattern (a sysctl.d file, a service, another DaemonSet), then restart the installer.',
    },
  ]
}

function pipeLimit({ owner, corePipeLimit }: Omit<Status, 'problems'>): readonly Problem[] {
  if (owner !== 'CoreDog' || corePipeLimit > 0) return []
  return [
    {
      what: 'core_pipe_limit is 0: the kernel does not wait until a crashed process was looked at',
      hint: 'Keep other software from writing kernel.core_pipe_limit.',
    },
  ]
}

function installer({ heartbeat }: Omit<Status, 'problems'>): readonly Problem[] {
  if (heartbeat === null || heartbeat.ageSeconds <= HEARTBEAT_WITHIN_SECONDS) return []
  return [
    {
      what: `no installer was here for ${heartbeat.ageSeconds} seconds`,
      hint: 'See why its pod does not run on this node: kubectl get pods -o wide.',
    },
  ]
}
