import { type Fields, fieldsOf } from '../../crash/fields.ts'
import { present } from '../../crash/present.ts'
import { numberOf, objectsIn, textOf } from '../nodes/collection.ts'

/** How far the pod that is to crash has come. */
export interface TestPod {
  readonly name: string
  readonly uid: string
  readonly node?: string
  /** Why it does not start, by the kubelet. */
  readonly waiting?: string
  readonly exitCode?: number
}

export function testPod(pod: Fields): TestPod {
  const { name, uid } = fieldsOf(pod.metadata)
  const [status = {}] = objectsIn(fieldsOf(pod.status).containerStatuses)
  const state = fieldsOf(status.state)
  return {
    name: textOf(name) ?? '',
    uid: textOf(uid) ?? '',
    ...present({
      node: textOf(fieldsOf(pod.spec).nodeName),
      waiting: textOf(fieldsOf(state.waiting).reason),
      exitCode: numberOf(fieldsOf(state.terminated).exitCode),
    }),
  }
}
