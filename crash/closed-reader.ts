/**
 * A reader of what we print who has seen enough, such as head(1) or a pager, is no failure. Of any other
 * error it throws.
 */
export function ignoreClosedReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
