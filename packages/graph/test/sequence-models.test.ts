import { testSequenceReplays } from './support/sequence-replays';

testSequenceReplays('on cpu', { backend: 'cpu' });
testSequenceReplays('on wasm', { backend: 'wasm' });
