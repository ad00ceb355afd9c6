import { fieldsOf } from '../../crash/fields.ts'

/** What an AdmissionReview is about, as far as it says. Every value is one short word, whatever was sent. */
export interface Summary {
  /** As the API server writes it: `/v1, Kind=Pod`. */
  readonly kind: string
  readonly namespace: string
  /** Of the pod, or what its name will begin with. */
  readonly name: string
  readonly uid: string
  readonly operation: string
}

/** `null`: this is no AdmissionReview. */
export function summaryOf(json: unknown): Summary | null {
  const { request } = fieldsOf(json)
  if (typeof request !== 'object' || request === null) return null
  const { kind, namespace, name, uid, operation, object } = fieldsOf(request)
  const { metadata } = fieldsOf(object)
  const names = [name, fieldsOf(metadata).name, fieldsOf(metadata).generateName]
  return {
    kind: kindOf(kind),
    namespace: word(namespace),
    name: word(names.find(one => one !== undefined && one !== '')),
    uid: word(uid),
    operation: word(operation),
  }
}

function kindOf(json: unknown): string {
  const { group, version, kind } = fieldsOf(json)
  return `${word(group)}/${word(version)}, Kind=${word(kind)}`
}

const LONGEST = 253

/** What could be taken for another field of a line is put in quotes. */
function word(json: unknown): string {
  if (json === undefined || json === null) return ''
  const text = typeof json === 'string' ? json.slice(0, LONGEST) : `(${typeof json})`
  return /^[\w.:/()-]*$/.test(text) ? text : JSON.stringify(text)
}
