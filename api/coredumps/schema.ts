const text = (description: string) => ({ type: 'string', description })
const whole = (description: string) => ({ type: 'integer', format: 'int64', description })
const object = (description: string, properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  description,
  properties,
})

const SPEC = object('What crashed.', {
  id: text('The crash\u2019s own, of twelve digits.'),
  pod: object('The pod that crashed.', { name: text('Its name.'), uid: text('Its UID.') }),
  container: text('The container that crashed.'),
  node: text('Where it crashed.'),
  workload: object('What the pod is of.', {
    kind: text('Deployment and the like.'),
    name: text('Its name.'),
  }),
  image: text('The image as a person wrote it.'),
  imageId: text('The image as the runtime knows it: a digest.'),
  comm: text('Name of the crashing thread, which the process chose itself.'),
  executable: text('Path of the program in its container.'),
  signal: object('The signal that ended it.', { number: whole('Its number.'), name: text('Its name.') }),
})

const STATUS = object('What there is of it.', {
  phase: text('Stored, Incomplete, Suppressed or Lost. Absent: the report could not be read.'),
  reason: text('Why it crashed, in one sentence.'),
  reasonCode: text('The same for programs: NullPointer and the like.'),
  incompleteReason: text('Why the core is not whole.'),
  dump: text('stacks: what backtraces need; private: no shared memory. Absent: all memory.'),
  group: text('What crashes of the same bug have in common.'),
  seenCount: whole('How often crashes of its group were seen on its node, this one included.'),
  sizeBytes: whole('Size of the core as the kernel wrote it.'),
  storedBytes: whole('Size of the stored core; 0: there is none.'),
  compression: text('gzip, zstd or none.'),
  sha256: text('Of the stored core.'),
})

/** What `kubectl explain` says of a coredump. */
export const COREDUMP_SCHEMA = { properties: { spec: SPEC, status: STATUS } }
