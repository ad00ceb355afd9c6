import { readFileSync } from 'node:fs'
import path from 'node:path'

const FOLDER = path.join(import.meta.dirname, '../../fixtures/admission')

/** A container as far as the tests look into it. */
export interface ContainerJson {
  name: string
  env?: { name: string; value?: string; valueFrom?: unknown }[]
  volumeMounts?: Record<string, unknown>[]
  [field: string]: unknown
}

/** A pod as far as the tests look into it. */
export interface PodJson {
  metadata: { name?: string; generateName?: string; annotations?: Record<string, string> }
  spec: {
    volumes?: Record<string, unknown>[]
    initContainers?: ContainerJson[]
    containers: ContainerJson[]
  }
}

/** A review from the fixtures. */
export function readReview(name: string) {
  const text = readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')
  return JSON.parse(text) as { request: { uid: string; object: PodJson } }
}

/** The pod of a review from the fixtures. */
export function podOf(name: string): PodJson {
  return readReview(name).request.object
}
