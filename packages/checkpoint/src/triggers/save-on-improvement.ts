import { assertRanking, type Ranking, rank } from '../policies';
import type { SaveTrigger } from './save-trigger';

/**
 * Saves when validation just gave a better value of a metric than every saved checkpoint has. NaN is never
 * better, an equal value is not.
 *
 * @throws InvalidCheckpointOptionError
 */
export const saveOnImprovement = (ranking: Ranking): SaveTrigger => {
  assertRanking(ranking);
  return {
    shouldSave: ({ metrics, saved }) => {
      const now = { metrics };
      // Of equals, rank() puts the later first: the saved ones come last.
      return rank([now, ...saved], ranking)[0] === now;
    },
  };
};
