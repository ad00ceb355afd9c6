import { ANNOTATIONS } from '../../crash/annotations.ts'
import { readMountPath } from './mount-path.ts'

/** What the owner of a pod asks for, in its annotations. */
export interface InjectionRequest {
  /** Where the directory for cores is to be in every container. Clean, and fit to be mounted at. */
  readonly mountPath: string
  /** Names of containers; empty: all of them. */
  readonly containers: readonly string[]
}

/** Why nothing is mounted. `asked`: the owner wanted it, and should hear that it did not happen. */
interface Skip {
  readonly skip: string
  readonly asked: boolean
}

/**
 * Reads the annotations of a pod; the first rule that applies wins. The words are those of the original
 * CoreDog, whose documents tell people to search the log for them.
 *
 * @param hostPath Whether `fallback.hostPath` is on. While it is off, cores come through the kernel's pipe,
 * and `coredog.io/inject` alone is consent enough: `coredog.io/path` is not needed, and nothing is mounted.
 */
export function readInjectionRequest(
  annotations: Readonly<Record<string, string>> | null,
  hostPath: boolean,
): InjectionRequest | Skip {
  if (annotations === null || Object.keys(annotations).length === 0) return unasked('no annotations')
  const inject = annotations[ANNOTATIONS.inject]
  if (inject === undefined) return unasked('annotation coredog.io/inject not found')
  if (inject !== 'true') {
    const reason = `annotation coredog.io/inject=${inject} (not 'true')`
    return { skip: reason, asked: inject.toLowerCase() !== 'false' }
  }
  if (!hostPath)
    return unasked('fallback.hostPath is false (cores go through the kernel pipe, without a mount)')
  return readPlace(annotations)
}

function readPlace(annotations: Readonly<Record<string, string>>): InjectionRequest | Skip {
  const written = (annotations[ANNOTATIONS.path] ?? '').trim()
  if (written === '') {
    return asked('annotation coredog.io/path is required but not set (security: prevent unintended mounts)')
  }
  const mountPath = readMountPath(written)
  if (mountPath === null) {
    return asked(`annotation coredog.io/path=${written} is not allowed (security: dangerous path)`)
  }
  const names = (annotations[ANNOTATIONS.container] ?? '').split(',').map(name => name.trim())
  return { mountPath, containers: [...new Set(names)].filter(name => name !== '') }
}

function unasked(skip: string): Skip {
  return { skip, asked: false }
}

function asked(skip: string): Skip {
  return { skip, asked: true }
}
