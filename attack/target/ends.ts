/** The exit codes of program.ts, other than 0. */
export const ENDS = { clusterError: 3, requestError: 4, otherError: 5 } as const
