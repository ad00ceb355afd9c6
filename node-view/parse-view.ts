import { type Fields, fieldsOf, isFields } from '../crash/fields.ts'
import { type NodeView, VIEW_VERSION } from './node-view.ts'
import type { PodView } from './pod-view.ts'

/** What an installer answered; `null`: it is of another version, or no installer. */
export function nodeViewIn(value: unknown): NodeView | null {
  const view = fieldsOf(value)
  const lists = [view.problems, view.waiting, fieldsOf(view.trial).checks]
  const isWhole = typeof view.node === 'string' && typeof view.coredog === 'string' && isFields(view.trial)
  if (!isOurs(view) || !isWhole || !lists.every(isListOfObjects)) return null
  return view as unknown as NodeView // as this version has it
}

/** The same of a pod. */
export function podViewIn(value: unknown): PodView | null {
  const view = fieldsOf(value)
  if (!isOurs(view) || typeof view.uid !== 'string' || !isListOfObjects(view.containers)) return null
  const isWhole = view.containers.every(
    ({ policy, processes }) => isFields(policy) && isListOfObjects(processes),
  )
  return isWhole ? (view as unknown as PodView) : null // the same
}

function isOurs({ version }: Fields): boolean {
  return version === VIEW_VERSION
}

function isListOfObjects(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.every(isFields)
}
