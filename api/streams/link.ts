import { findCore } from '../../crash-index/find-core.ts'
import { readReport } from '../../crash-index/read-report.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { StatusError } from '../status-error.ts'
import { crashAsked } from './crash-asked.ts'
import { logLink } from './download-line.ts'
import { linkEnd } from './link-end.ts'
import { noCore } from './no-core.ts'
import { ofStore } from './of-store.ts'
import { sendJson } from './send-text.ts'
import type { Streaming } from './streaming.ts'

/** `{url, expires}`: opens the core for a while, without credentials. */
export async function serveUrl(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const { store, log } = streaming
  if (!store.traits.links) throw noLinks()
  const entry = await crashAsked(asked, streaming)
  const url = await ofStore(asked, log, async () => {
    const found = await findCore(store, entry)
    if (found === null) throw noCore(entry, await readReport(store, entry))
    return await store.link(found.info.key, found.form.file.replace('core', `core.${entry.id}`))
  })
  if (url === null) throw noLinks()
  logLink(log, asked)
  sendJson(asked, { url, expires: linkEnd(url) })
}

function noLinks(): StatusError {
  return new StatusError(501, 'NotImplemented', 'the store has no links: get the core by coredumps/proxy')
}
