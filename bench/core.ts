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
  { kind: 'heap', title: 'Heap-like memory', share: 1 },
  { kind: 'zeros', title: 'Nothing but zeros', share: 1 },
  // Its ratios are the same when it is small, and who compresses takes longest for it.
  { kind: 'random', title: 'Random bytes', share: 1 / 4 },
]

export function generatedCores(sizeBytes: number): readonly Core[] {
  const mebibytes = sizeBytes / 2 ** 20
  return GENERATED.map(({ kind, title, share }) => {
    return { name: kind, title, kind, sizeBytes: Math.ceil(mebibytes * share) * 2 ** 20 }
  })
}

export function sizeText(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes.toFixed(0)} MiB`
}
