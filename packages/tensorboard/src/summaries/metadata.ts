import { create } from '@bufbuild/protobuf';
import { DataClass, type SummaryMetadata, SummaryMetadataSchema } from '@elistimator/protos';

/** How TensorBoard presents a tag. Only what the tag's first summary says counts. */
export interface SummaryOptions {
  /** Seconds since the epoch at which the value held; the time of the call when absent. */
  readonly wallTime?: number | undefined;
  /** Markdown, shown beside the charts. */
  readonly description?: string | undefined;
  /** Shown instead of the tag. */
  readonly displayName?: string | undefined;
}

/**
 * Says which plugin of TensorBoard shows a summary.
 *
 * @param dataClass left out for built-in plugins, whose readers fill it in and skip their own
 *   fix-ups when it is set
 */
export const summaryMetadata = (
  pluginName: string,
  { description = '', displayName = '' }: SummaryOptions,
  dataClass = DataClass.UNKNOWN,
): SummaryMetadata =>
  create(SummaryMetadataSchema, {
    pluginData: { pluginName },
    displayName,
    summaryDescription: description,
    dataClass,
  });
