import type { ClusterGroups } from '../../handler/cluster-groups.ts'

/** Each node counts by itself. */
export const NO_GROUPS: ClusterGroups = { folderOf: () => null, note: async () => false }
