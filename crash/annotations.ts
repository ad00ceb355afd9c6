/** What all keys of ours in Kubernetes begin with. */
export const ANNOTATION_PREFIX = 'coredog.io/'

/** Annotations of ours. docs/annotations.md says what each does, and what one does that is wrong. */
export const ANNOTATIONS = {
  inject: 'coredog.io/inject',
  container: 'coredog.io/container',
  maxHold: 'coredog.io/max-hold',
  dump: 'coredog.io/dump',
  /** On a namespace. */
  quota: 'coredog.io/quota',
  path: 'coredog.io/path',
  podName: 'coredog.io/pod-name',
  targetContainers: 'coredog.io/target-containers',
  /** Webhooks of old wrote it. */
  admissionUid: 'coredog.io/admission-uid',
  cluster: 'coredog.io/cluster',
} as const
