import type { RequestUser } from './resource-request.ts'

/** Who shares with others: a person, or a namespace, whose owner makes as many service accounts as he likes. */
export function tenantOf({ name }: Pick<RequestUser, 'name'>): string {
  return SERVICE_ACCOUNT.exec(name)?.[1] ?? name
}

const SERVICE_ACCOUNT = /^(system:serviceaccount:[^:]{1,63}):/
