import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { nullSummaryWriter } from './null-summary-writer';
import { SummaryWriter } from './summary-writer';

it('has all members of a SummaryWriter, and does nothing', async () => {
  await using writer = new SummaryWriter(temporaryDirectory());
  const members = Reflect.ownKeys(SummaryWriter.prototype).filter((key) => key !== 'constructor');
  expect(Reflect.ownKeys(nullSummaryWriter).sort(compare)).toEqual(members.sort(compare));
  expect(nullSummaryWriter.withPrefix('a').scalar('loss', 1, 1)).toBeUndefined();
  await nullSummaryWriter.close();
  expect(writer.logDir).not.toBe('');
});

const compare = (a: string | symbol, b: string | symbol) => (String(a) < String(b) ? -1 : 1);
