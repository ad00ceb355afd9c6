import { open } from 'node:fs/promises'
import { isMissing } from '../../crash/system-error.ts'
import { crashIn, type LoggedCrash, parseHandlerLogLine } from './handler-log-entry.ts'

const TAIL_BYTES = 1024 * 1024

/** The newest crash in the handler's log, or in the one that was renamed last; `null`: none is known. */
export async function lastCrashIn(file: string): Promise<Omit<LoggedCrash, 'report'> | null> {
  return newest(await tailOf(file)) ?? newest(await tailOf(`${file}.1`))
}

function newest(text: string): Omit<LoggedCrash, 'report'> | null {
  for (const line of text.split('\n').reverse()) {
    const entry = parseHandlerLogLine(line)
    const crash = entry === null ? null : crashIn(entry)
    if (crash === null) continue
    const { report: _, ...brief } = crash
    return brief
  }
  return null
}

async function tailOf(file: string): Promise<string> {
  try {
    await using opened = await open(file, 'r')
    const { size } = await opened.stat()
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
    const { bytesRead } = await opened.read(buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (cause) {
    if (isMissing(cause)) return ''
    throw cause
  }
}
