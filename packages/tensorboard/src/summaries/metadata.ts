import { create } from '@bufbuild/protobuf';
import { type DataClass, type SummaryMetadata, SummaryMetadataSchema } from '@elistimator/protos';

/** How TensorBoard presents a tag. Only what the tag's first summary says counts. */
export interface SummaryOptions {
  /** Seconds since the epoch at which the value held; the time of the call when absent. */
  readonly wallTime?: number | undefined;
  /** Markdown, shown beside the charts. */
  readonly description?: string | undefined;
  /** Shown instead of the tag. */
  readonly displayName?: string | undefined;
}

/** What a plugin wants to know beside the values. */
interface PluginDetails {
  /** The plugin's own message, serialized. */
  readonly content?: Uint8Array;
  /**
   * Left out for built-in plugins, whose readers fill it in and skip their own fix-ups when it is
   * set.
   */
  readonly dataClass?: DataClass;
}

/** Says which plugin of TensorBoard shows a summary. */
export const summaryMetadata = (
  pluginName: string,
  { description = '', displayName = '' }: SummaryOptions,
  { content, dataClass }: PluginDetails = {},
): SummaryMetadata =>
  create(SummaryMetadataSchema, {
    pluginData: { pluginName, ...(content && { content }) },
    displayName,
    summaryDescription: description,
    ...(dataClass && { dataClass }),
  });
