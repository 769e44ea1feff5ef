import type { Excuse } from './excuse';

/** Specs that fail on tfjs's cpu backend with our gradients. */
export const cpuExcuses: readonly Excuse[] = [
  {
    reason: 'our gradients differentiate what the spec expects to have no gradient',
    failure: /^Expected function to throw an Error\.$/,
    specs: [
      'gradients > errors if relevant ops are missing grads',
      'depthwiseConv2d gradients > throws error on dilations > 1',
    ],
  },
  {
    reason:
      'the spec expects the gradient to divide by 9 at the border, where the average is over fewer elements',
    failure: /actual\[1\] = 1\.75, expected\[1\] = 1\./,
    specs: ['avgPool > gradient x=[3,3,1] f=[3,3] s=1 p=explicit'],
  },
];
