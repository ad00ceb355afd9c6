/** `npm run messages`: writes docs/messages.md, and the Chinese one. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { LANGUAGE_NAMES } from '../../config/languages.ts'
import { allMessages, MESSAGE_PAGES } from './all-messages.ts'
import { ROOT } from './documents.ts'

for (const language of LANGUAGE_NAMES)
  writeFileSync(path.join(ROOT, MESSAGE_PAGES[language]), allMessages(language))
