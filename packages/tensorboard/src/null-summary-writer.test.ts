import { expect, it } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory';
import { nullSummaryWriter } from './null-summary-writer';
import { SummaryWriter } from './summary-writer';

it('has all that a writer has, and does nothing', async () => {
  await using writer = new SummaryWriter(temporaryDirectory());
  const methods = [SummaryWriter.prototype, Object.getPrototypeOf(SummaryWriter.prototype)]
    .flatMap((prototype) => Reflect.ownKeys(prototype))
    .filter((key) => key !== 'constructor');
  expect(Reflect.ownKeys(nullSummaryWriter).sort(compare)).toEqual(methods.sort(compare));
  expect(nullSummaryWriter.withPrefix('a').scalar('loss', 1, 1)).toBeUndefined();
  await nullSummaryWriter.close();
  expect(writer.logDir).not.toBe('');
});

const compare = (a: string | symbol, b: string | symbol) => (String(a) < String(b) ? -1 : 1);
