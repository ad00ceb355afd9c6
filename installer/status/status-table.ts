import { humanBytes } from '../../crash/human-bytes.ts'
import { fullnessOf, percentOf, type Use } from '../../crash/quota.ts'
import type { FillingPod } from '../../handoff/filling-pods.ts'
import { showInvisible } from '../../untrusted/invisible.ts'
import type { RecentGroup } from '../groups/recent-groups.ts'
import type { CaptureMode } from '../node/capture-mode.ts'
import type { Status, Waiting } from './node-status.ts'
import type { Check } from './self-test-report.ts'
import { NOT_INSTALLED } from './status-problems.ts'

/** `status` for people: what is wrong first, then what there is. */
export function renderStatus(status: Status): string {
  const rows = rowsOf(status)
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = [
    ...verdict(status),
    '',
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`),
  ]
  return `${lines.join('\n')}\n`
}

function verdict({ problems, way }: Status): readonly string[] {
  if (problems.length === 0) return [GOOD[way]]
  if (problems[0] === NOT_INSTALLED) return [NOT_INSTALLED.what, `  ${NOT_INSTALLED.hint}`]
  return [
    problems.length === 1 ? '1 problem:' : `${problems.length} problems:`,
    ...problems.flatMap(({ what, hint }) => [`  ${printable(what)}`, `    ${printable(hint)}`]),
  ]
}

const GOOD: Readonly<Record<CaptureMode, string>> = {
  pipe: 'A crash now would be collected.',
  file: 'A crash in a container with a directory for cores would be collected.',
}

const CAPTURE_MODES: Readonly<Record<CaptureMode, string>> = {
  pipe: 'through the pipe of the kernel',
  file: 'as files in a directory of the node (fallback.corePattern)',
}

function rowsOf(status: Status): readonly (readonly [string, string])[] {
  const { handler, corePattern, owner, corePipeLimit, original, checks, groups, waiting, fillingPods } =
    status
  return [
    ...wayRow(status),
    ['handler', handler === null ? 'none' : `${handler.path} ${handler.version ?? '(does not run)'}`],
    ['core_pattern', corePattern],
    ['belongs to', owner],
    ['core_pipe_limit', `${corePipeLimit}`],
    ['before CoreDog', original.is === 'kept' ? original.sysctls.corePattern : original.is],
    ...hostProcessesRow(status),
    ['installer', installerText(status)],
    ['last crash', lastCrashText(status)],
    ['crashes are compared', comparedText(status)],
    ...checks.map(check => [check.name, `${verdictOn(check)}: ${check.text}`] as const),
    ...groups.map((group, at) => [at === 0 ? 'came within a day' : '', groupText(group)] as const),
    ...waiting.map(folder => [folder.name, waitingText(folder)] as const),
    ...fillingPods.map((pod, at) => [at === 0 ? 'core files of pods' : '', fillingText(pod)] as const),
  ]
}

/** Where CoreDog is not installed, cores go as core_pattern says. */
function wayRow({ problems, way }: Status): readonly (readonly [string, string])[] {
  return problems[0] === NOT_INSTALLED ? [] : [['cores go', CAPTURE_MODES[way]]]
}

function hostProcessesRow({ lostHostCoreFiles: lost }: Status): readonly (readonly [string, string])[] {
  return lost === null ? [] : [['host processes', `warning: ${lost.what}. ${lost.hint}`]]
}

function verdictOn({ ok, warning }: Check): string {
  if (!ok) return 'FAILED'
  return warning === true ? 'warning' : 'ok'
}

function installerText({ heartbeat }: Status): string {
  return heartbeat === null ? 'not seen since the node started' : `seen ${heartbeat.ageSeconds} seconds ago`
}

function comparedText({ dedupe }: Status): string {
  if (dedupe.scope === 'node') return `on each node: ${dedupe.reason}`
  return dedupe.scope === 'off' ? 'not at all: dedupe.window' : 'in the whole cluster'
}

/** `shop/checkout: 36 times since 2026-11-28 04:21 UTC, in 12 pods on 4 nodes, last at 2026-11-29 07:02 UTC` */
function groupText({
  namespace,
  workload,
  crashes,
  pods,
  nodes,
  first,
  last,
  mutedUntil,
}: RecentGroup): string {
  const times = crashes === 1 ? `once, at ${minuteOf(last)}` : `${crashes} times since ${minuteOf(first)}`
  const where = nodes === null ? 'on this node' : `on ${many(nodes, 'node')}`
  const again = crashes === 1 ? '' : `, last at ${minuteOf(last)}`
  const muted = mutedUntil === null ? '' : `; muted until ${minuteOf(mutedUntil)}`
  return `${namespace}/${workload}: ${times}, in ${many(pods, 'pod')} ${where}${again}${muted}`
}

function minuteOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function lastCrashText({ lastCrash }: Status): string {
  if (lastCrash === null) return 'none known'
  const { time = 'at an unknown time', namespace, pod, comm = 'a process', outcome, reason } = lastCrash
  const owner = pod === undefined ? comm : `${namespace ?? ''}/${pod} (${comm})`
  return `${time} ${owner}: ${outcome}${reason === undefined ? '' : `, ${reason}`}`
}

/** `3 files, 18.5 MiB, nearly full (92 % of 20 MiB)`: by the same words as a quota. */
function waitingText({ files, bytes, limitBytes }: Waiting): string {
  const text = `${files} files, ${mebibytes(bytes)} MiB`
  if (limitBytes === undefined) return text
  const use = { usedBytes: bytes, limitBytes }
  return fullnessOf(use) === 'room' ? text : `${text}, ${fullnessText(use)}`
}

/** `shop/cart-0: 18.5 MiB, nearly full (92 % of 20 MiB), 2.0 MiB of it not stored`. */
function fillingText(filling: FillingPod): string {
  const { pod, usedBytes, unstoredBytes } = filling
  const kept = unstoredBytes === 0 ? 'all of it stored' : `${mebibytes(unstoredBytes)} MiB of it not stored`
  return `${pod}: ${mebibytes(usedBytes)} MiB, ${fullnessText(filling)}, ${kept}`
}

function fullnessText(use: Use): string {
  return `${fullnessOf(use)} (${percentOf(use)} % of ${humanBytes(use.limitBytes)})`
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}

/**
 * A process may call itself anything: what would move a terminal's cursor or reverse its text is shown as
 * `?`.
 */
function printable(text: string): string {
  return showInvisible(text, '?')
}
