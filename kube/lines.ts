/**
 * The lines of a stream, however it is cut. What follows the last newline is no line: a connection that broke
 * off ends in the middle of one. Throws for a line of more than `longestBytes`.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, longestBytes: number): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString()
      rest = []
      restBytes = 0
      start = end + 1
    }
    rest.push(chunk.subarray(start))
    restBytes += chunk.length - start
    if (restBytes > longestBytes) throw new Error(`Cannot read a line: it has over ${longestBytes} bytes`)
  }
}
