import type { Coredump } from '../../coredump/coredump.ts'
import { humanBytes } from '../../crash/human-bytes.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { humanDuration } from './human-duration.ts'
import { type IncludedObject, includedObject } from './included-object.ts'

/** A column of `kubectl get`: `wide` ones are shown with `-o wide`. */
interface Column {
  readonly name: string
  readonly description: string
  readonly type?: 'integer'
  readonly format?: 'name'
  readonly wide?: true
  readonly cell: (coredump: Coredump, now: Date) => string | number | undefined
}

const COLUMNS: readonly Column[] = [
  {
    name: 'Name',
    format: 'name',
    description: 'When it crashed, and its id.',
    cell: ({ metadata }) => metadata.name,
  },
  { name: 'Pod', description: 'The pod that crashed.', cell: ({ spec }) => spec.pod.name },
  { name: 'Container', description: 'The container that crashed.', cell: ({ spec }) => spec.container },
  {
    name: 'Reason',
    description: 'Why it crashed.',
    cell: ({ status }) => status.reasonCode ?? status.reason,
  },
  { name: 'Signal', description: 'The signal that ended it.', cell: ({ spec }) => spec.signal?.name },
  {
    name: 'Seen',
    type: 'integer',
    description: 'How often crashes of its group were seen on its node.',
    cell: ({ status }) => status.seenCount,
  },
  {
    name: 'Size',
    description: 'Of the stored core.',
    cell: ({ status }) => (status.storedBytes > 0 ? humanBytes(status.storedBytes) : undefined),
  },
  {
    name: 'Age',
    description: 'How long ago it crashed.',
    cell: ({ metadata }, now) =>
      humanDuration((now.getTime() - new Date(metadata.creationTimestamp).getTime()) / 1000),
  },
  { name: 'Node', wide: true, description: 'Where it crashed.', cell: ({ spec }) => spec.node },
  { name: 'Image', wide: true, description: 'Of the container.', cell: ({ spec }) => spec.image },
  {
    name: 'Workload',
    wide: true,
    description: 'What the pod is of.',
    cell: ({ spec: { workload } }) => workload && `${workload.kind}/${workload.name}`,
  },
]

const COLUMN_DEFINITIONS = COLUMNS.map(({ name, description, type, format, wide }) => ({
  name,
  type: type ?? 'string',
  format: format ?? '',
  description,
  priority: wide ? 1 : 0,
}))

/** `meta.k8s.io/v1` Table. `metadata` of the list. */
export function tableOf(
  coredumps: readonly Coredump[],
  metadata: Readonly<Record<string, unknown>>,
  { include, now }: { readonly include: IncludedObject; readonly now: Date },
): Readonly<Record<string, unknown>> {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: COLUMN_DEFINITIONS,
    rows: coredumps.map(coredump => ({
      cells: COLUMNS.map(({ cell }) => shown(cell(coredump, now))),
      ...includedObject(coredump, include),
    })),
  }
}

/** Nothing of a cell, which a tenant may have chosen, moves a cursor or a column. */
function shown(cell: string | number | undefined): string | number {
  if (typeof cell === 'number') return cell
  return cell === undefined || cell === '' ? '<none>' : plain(cell, LONGEST_CELL)
}

const LONGEST_CELL = 120
