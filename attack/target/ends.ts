/** How program.ts ends, besides by a signal and with 0. */
export const ENDS = { clusterError: 3, requestError: 4, otherError: 5 } as const
