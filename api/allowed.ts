import { accessAttributes } from './access-attributes.ts'
import type { ApiOutside } from './outside.ts'
import type { ResourceRequest } from './resource-request.ts'
import { forbidden } from './status-error.ts'

/** Throws a 403, in the words of the API server, where RBAC does not allow it. */
export async function assertAllowed(
  { user, verb, ...asked }: Omit<ResourceRequest, 'accept' | 'signal'>,
  mayDo: ApiOutside['mayDo'],
): Promise<void> {
  const { group, resource, subresource, namespace, name } = asked
  if (await mayDo(user, accessAttributes({ verb, ...asked }))) return
  const what = subresource === null ? resource : `${resource}/${subresource}`
  const where = namespace === null ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const why = `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`
  throw forbidden(`${resource}.${group}`, name ?? '', why)
}
