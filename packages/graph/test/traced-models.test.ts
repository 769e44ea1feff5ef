import { testReplays } from './support/replays';

testReplays('on cpu', { backend: 'cpu' });
testReplays('on wasm', { backend: 'wasm' });
