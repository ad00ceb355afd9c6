import type { Socket } from 'node:net'

type Done = (error?: Error | null) => void

/**
 * `socket`, which says that a write failed only once what has arrived was read. A server that refuses before it has
 * read a body answers and closes, which resets the connection: what is still written to it fails, and Node would close
 * the socket with the answer unread in the kernel. So does versitygw where more than 256 KiB are unread: of puts of
 * 8 MiB that it refused, two in three heard no answer. Go's net/http waits half a second before it closes.
 */
export function heardOut<T extends Socket>(socket: T): T {
  const write = socket._write.bind(socket)
  // A socket always has it.
  const writeAll = socket._writev?.bind(socket)
  socket._write = (chunk, encoding, done) => write(chunk, encoding, afterReading(done))
  socket._writev = (chunks, done) => writeAll?.(chunks, afterReading(done))
  return socket
}

/** Within two turns of the event loop is one in which sockets are read, wherever they begin. */
function afterReading(done: Done): Done {
  return error => {
    if (error) setImmediate(() => setImmediate(done, error))
    else done()
  }
}
