/** What somebody signed about an artefact; of it only what is read here, and all of it from outside. */
interface Statement {
  readonly predicate?: Provenance
}

interface Provenance {
  readonly buildDefinition?: {
    readonly resolvedDependencies?: readonly { readonly digest?: { readonly gitCommit?: unknown } }[]
  }
}

/** Of which commits statements say that it was made, one of them a line, as `cosign verify-attestation` prints them. */
export function commitsIn(envelopes: string): string[] {
  const lines = envelopes.split('\n').filter(line => line.trim() !== '')
  return [...new Set(lines.flatMap(line => commitsOf(statementIn(line))))]
}

/** From its envelope, a DSSE. */
function statementIn(line: string): Statement {
  const { payload }: { payload: string } = JSON.parse(line)
  return JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
}

function commitsOf({ predicate }: Statement): string[] {
  const sources = predicate?.buildDefinition?.resolvedDependencies ?? []
  return sources.length === 0
    ? ['no commit']
    : sources.map(({ digest }) => String(digest?.gitCommit ?? 'no commit'))
}
