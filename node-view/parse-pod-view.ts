import { type Fields, fieldsOf } from '../crash/fields.ts'
import { VIEW_VERSION } from './node-view.ts'
import { count, objectsIn, text } from './parse-view.ts'
import type { ContainerView, PodView, PolicyView, ProcessView } from './pod-view.ts'

/** What an installer answered of a pod; `null`: it is of another version, or no installer. */
export function podViewIn(value: unknown): PodView | null {
  const view = fieldsOf(value)
  if (view.version !== VIEW_VERSION || typeof view.uid !== 'string') return null
  return {
    ...{ version: VIEW_VERSION, node: text(view.node), uid: view.uid },
    capture: view.capture === 'file' ? 'file' : 'pipe',
    ready: view.ready === true,
    suidDumpable: typeof view.suidDumpable === 'number' ? view.suidDumpable : null,
    containers: objectsIn(view.containers).map(containerIn),
  }
}

function containerIn(container: Fields): ContainerView {
  return {
    name: text(container.name),
    policy: policyIn(fieldsOf(container.policy)),
    running: container.running === true,
    processes: objectsIn(container.processes).map(processIn),
    processCount: count(container.processCount),
  }
}

function policyIn({ do: what, reason }: Fields): PolicyView {
  if (what === 'collect' || what === 'forward') return { do: what }
  return { do: 'skip', reason: text(reason) }
}

function processIn(process: Fields): ProcessView {
  const { coreLimitBytes, dumpable, coreDumpFilter } = process
  return {
    pid: count(process.pid),
    coreLimitBytes: typeof coreLimitBytes === 'number' ? coreLimitBytes : null,
    dumpable: typeof dumpable === 'boolean' ? dumpable : null,
    coreDumpFilter: typeof coreDumpFilter === 'string' ? coreDumpFilter : null,
    ignores: textsIn(process.ignores),
    handles: textsIn(process.handles),
  }
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
}
