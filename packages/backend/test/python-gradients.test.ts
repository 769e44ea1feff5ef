import { gradientBackends, testGradientsAgainstPython } from './support/gradients-against-python';

await testGradientsAgainstPython(gradientBackends.first);
