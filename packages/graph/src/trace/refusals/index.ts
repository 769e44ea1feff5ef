import { betweenCalls } from './between-calls';
import { inCall } from './in-call';

/** Every reason why code can't be traced, with what to do instead. */
export const refuse = { ...inCall, ...betweenCalls };
