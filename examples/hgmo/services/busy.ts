/** In milliseconds, until a service is ready on a machine that is busy with clusters of other shards. */
export const BUSY = 120_000
