/** `npm run messages`: writes docs/messages.md. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { allMessages } from './all-messages.ts'

writeFileSync(path.resolve(import.meta.dirname, '../../docs/messages.md'), allMessages())
