/**
 * How a graph is stored: as a `tensorflow.MetaGraphDef`, which TensorFlow's tools can at least parse.
 *
 * - `meta_info_def`, the first field: {@link formatVersion} as `meta_graph_version`, the tag
 *   {@link formatTag}, and {@link checksumTag} with the CRC-32C of all bytes after it, in hexadecimal.
 * - `graph_def.node`: an operation each, in the order of execution, with TensorFlow's name of the
 *   operation where there is one. `input` names the tensors that it takes. The attribute
 *   {@link detailsAttribute} is JSON and says the rest: see `NodeDetails`. A constant's elements are the
 *   attribute `value`, as in TensorFlow; `dtype` is the type of the first output.
 * - `signature_def`: the inputs and outputs of each signature.
 * - `collection_def`, under {@link updatesCollection} and the signature's name: the variables that it
 *   assigns, each followed by the tensor that is its new value.
 * - `collection_def`, under {@link metadataCollection}: the user's own texts, each after its name.
 */
export const formatVersion = 1;

export const formatTag = 'elistimator';

export const checksumTag = 'crc32c:';

export const detailsAttribute = '_tfjs';

export const updatesCollection = 'elistimator/updates/';

export const metadataCollection = 'elistimator/metadata';
