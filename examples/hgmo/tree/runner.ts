import { checkoutAt } from '../checkout.ts'
import { base } from './base.ts'

/** The client side: where the tests run. */
export const runner = base.with(checkoutAt('/app/vct'))
