/**
 * The lines of a stream, however it is cut. What follows the last newline is no line: a connection that broke
 * off ends in the middle of one. A line of more than `longestBytes` is left out, and those behind it are read:
 * a tenant that made one would else keep the installer from all others, also after each new start.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, longestBytes: number): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let restBytes = 0
  const add = (piece: Buffer) => {
    restBytes += piece.length
    if (restBytes <= longestBytes) rest.push(piece)
    else rest = []
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      add(chunk.subarray(start, end))
      if (restBytes <= longestBytes) yield Buffer.concat(rest).toString()
      rest = []
      restBytes = 0
      start = end + 1
    }
    add(chunk.subarray(start))
  }
}
