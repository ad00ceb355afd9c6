import { type Fields, fieldsOf, isFields } from '../crash/fields.ts'
import { present } from '../crash/present.ts'
import { type CheckView, type NodeView, type PatternView, VIEW_VERSION } from './node-view.ts'

/** What an installer answered; `null`: it is of another version, or no installer. Whatever it is, fields are as they should be. */
export function nodeViewIn(value: unknown): NodeView | null {
  const view = fieldsOf(value)
  const { node, coredog, handler, trial } = view
  if (view.version !== VIEW_VERSION || typeof node !== 'string' || typeof coredog !== 'string') return null
  if (!isFields(trial)) return null
  return {
    ...{ version: VIEW_VERSION, node, coredog },
    ready: view.ready === true,
    capture: view.capture === 'file' ? 'file' : 'pipe',
    pattern: isFields(view.pattern) ? patternIn(view.pattern) : null,
    handler: typeof handler === 'string' ? handler : null,
    problems: objectsIn(view.problems).map(({ what, hint }) => ({ what: text(what), hint: text(hint) })),
    waiting: objectsIn(view.waiting).map(({ name, files, bytes }) => {
      return { name: text(name), files: count(files), bytes: count(bytes) }
    }),
    lastCrash: isFields(view.lastCrash) ? lastCrashIn(view.lastCrash) : null,
    ...(isFields(view.dedupe) && dedupeIn(view.dedupe)),
    trial: {
      ageSeconds: typeof trial.ageSeconds === 'number' ? trial.ageSeconds : null,
      running: trial.running === true,
      checks: objectsIn(trial.checks).map(checkIn),
    },
  }
}

function patternIn({ ours, owner, pipeLimit, before }: Fields): PatternView {
  return {
    ours: ours === true,
    owner: text(owner),
    pipeLimit: count(pipeLimit),
    before: typeof before === 'string' ? before : null,
  }
}

function lastCrashIn({ time, outcome, signal }: Fields): NodeView['lastCrash'] {
  return {
    outcome: text(outcome),
    ...present({
      time: typeof time === 'string' ? time : undefined,
      signal: typeof signal === 'number' ? signal : undefined,
    }),
  }
}

function dedupeIn({ scope, why }: Fields): Pick<NodeView, 'dedupe'> {
  if (scope !== 'cluster' && scope !== 'node' && scope !== 'off') return {}
  return { dedupe: { scope, ...(typeof why === 'string' && { why }) } }
}

function checkIn({ name, ok, warning }: Fields): CheckView {
  return { name: text(name), ok: ok === true, ...(warning === true && { warning }) }
}

export function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}
