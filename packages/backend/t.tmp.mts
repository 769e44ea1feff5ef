import * as tf from '@tensorflow/tfjs';
import { registerWasmTrainingKernels } from './src/wasm';
import {values} from './test/support/values';
registerWasmTrainingKernels(); tf.env().set('PROD',true);
for (const b of ['cpu','wasm']) { await tf.setBackend(b);
 for (const [n,op] of [['nearest',tf.image.resizeNearestNeighbor],['bilinear',tf.image.resizeBilinear]] as const) for(const ac of [false,true]) for(const hp of [false,true]) for(const [i,o] of [[3,6],[4,6],[6,4],[5,10],[4,4],[1,3]]) { if(ac&&hp) continue;
  const x=values<tf.Tensor4D>(1,[2,i!,i!,3]); const f=(z:tf.Tensor)=>op(z as tf.Tensor4D,[o!,o!],ac,hp); const y=f(x); const dy=values(2,y.shape);
  try { const dx=tf.grad(f)(x,dy); const a=tf.sum(tf.mul(y,dy)).dataSync()[0]!, c=tf.sum(tf.mul(x,dx)).dataSync()[0]!; if(Math.abs(a-c)>1e-3) console.log(b,n,'align',ac,'half',hp,i,o,'MISMATCH',a,c);} catch(e){console.log(b,n,ac,hp,i,o,(e as Error).message.slice(0,100));}
 }}
