/** What a process has in memory that crashes. */
export interface Core {
  /** As in the option that chooses it. */
  readonly name: string
  /** For a heading. */
  readonly title: string
  /** core-maker's KIND: `heap`, `zeros`, `random`, or a file. */
  readonly kind: string
  readonly sizeBytes: number
}

/** core-maker's arguments for it, after its verb. */
export function makerArguments({ kind, sizeBytes }: Core): [kind: string, mebibytes: string] {
  return [kind, String(Math.ceil(sizeBytes / 2 ** 20))]
}

const GENERATED = [
  { kind: 'heap', title: 'Heap-like memory' },
  { kind: 'zeros', title: 'Nothing but zeros' },
  { kind: 'random', title: 'Random bytes' },
]

export function generatedCores(sizeBytes: number): readonly Core[] {
  return GENERATED.map(({ kind, title }) => ({ name: kind, title, kind, sizeBytes }))
}
