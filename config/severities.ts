/** Which crashes a channel is told of. */
export const SEVERITIES = ['all', 'new', 'lost'] as const

export type Severity = (typeof SEVERITIES)[number]
