import { runPython } from '@elistimator/tooling/python';

/** TensorBoard's two readers: one in Python, and the data server, which is the default. */
export const readers = ['python', 'server'] as const;
export type Reader = (typeof readers)[number];

/** A number in Python's notation, because JSON has no NaN and no infinities. */
type NumberText = string;

/** The data that TensorBoard shows for a tag. */
interface ShownTag<Value> {
  readonly name: string;
  readonly description: string;
  /** Step, wall time, value. */
  readonly points: readonly (readonly [number, number, Value])[];
}

/** The data that TensorBoard shows, by `run/tag`. */
export interface ShownRuns {
  readonly scalars: Readonly<Record<string, ShownTag<NumberText>>>;
  readonly histograms: Readonly<Record<string, ShownTag<readonly (readonly number[])[]>>>;
  readonly text: Readonly<Record<string, ShownTag<string>>>;
  /** Width and height as strings, then the pixels of each image as hexadecimal RGBA. */
  readonly images: Readonly<Record<string, ShownTag<readonly string[]>>>;
  /** Names of the nodes in the graph of each run. */
  readonly graphs: Readonly<Record<string, readonly string[]>>;
}

const source = `
import argparse, io, json, sys, time
import tensorboard.compat
tensorboard.compat.notf = True  # Without TensorFlow, which takes seconds to import.
from tensorboard import context
from tensorboard.backend.event_processing import data_ingester
from tensorboard.compat.proto import graph_pb2
from tensorboard.data import server_ingester
from tensorboard.util import grpc_util
from PIL import Image

logdir, reader = sys.argv[1:]
if reader == 'server':
    try:
        binary = server_ingester.get_server_binary()
    except server_ingester.NoDataServerError:
        print('null')
        sys.exit()
    ingester = server_ingester.SubprocessServerDataIngester(
        binary, logdir, reload_interval=0,
        channel_creds_type=grpc_util.ChannelCredsType.LOCAL)
    ingester.start()
else:
    ingester = data_ingester.LocalDataIngester(argparse.Namespace(
        logdir=logdir, logdir_spec='', reload_interval=0, reload_task='blocking',
        samples_per_plugin={}, purge_orphaned_data=True, max_reload_threads=1,
        reload_multifile=False, reload_multifile_inactive_secs=0, generic_data='auto',
        window_title='', detect_file_replacement=None))
    ingester.start()
provider, ctx, kwargs = ingester.data_provider, context.RequestContext(), {'experiment_id': ''}

def shown(listed, points_of):
    return {
        run + '/' + tag: {
            'name': series.display_name,
            'description': series.description,
            'points': [[d.step, d.wall_time] + [v] for d, v in points_of(run, tag)],
        }
        for run, tags in listed.items() for tag, series in tags.items()}

def one(result, run, tag):
    return result.get(run, {}).get(tag, [])

def rows(kind, plugin, value):
    listed = getattr(provider, 'list_' + kind)(ctx, plugin_name=plugin, **kwargs)
    def points(run, tag):
        data = getattr(provider, 'read_' + kind)(
            ctx, plugin_name=plugin, downsample=1000000,
            run_tag_filter=None, **kwargs)
        return [(d, value(d)) for d in one(data, run, tag)]
    return shown(listed, points)

def blob(reference):
    return provider.read_blob(ctx, blob_key=reference.blob_key)

def image(datum):
    first, second, *images = [blob(reference) for reference in datum.values]
    return [first.decode(), second.decode()] + [
        Image.open(io.BytesIO(data)).convert('RGBA').tobytes().hex() for data in images]

def graph(run, tag):
    data = provider.read_blob_sequences(ctx, plugin_name='graphs', downsample=10, **kwargs)
    return graph_pb2.GraphDef.FromString(blob(one(data, run, tag)[0].values[0]))

def collect():
    graphs = provider.list_blob_sequences(ctx, plugin_name='graphs', **kwargs)
    return {
        'scalars': rows('scalars', 'scalars', lambda d: repr(float(d.value))),
        'histograms': rows('tensors', 'histograms', lambda d: d.numpy.tolist()),
        'text': rows('tensors', 'text', lambda d: d.numpy.item().decode()),
        'images': rows('blob_sequences', 'images', image),
        'graphs': {
            run: [node.name for node in graph(run, tag).node]
            for run, tags in graphs.items() for tag in tags},
    }

# The data server also answers while it is loading.
result = collect()
while reader == 'server':
    time.sleep(0.3)
    before, result = result, collect()
    if result == before and any(result.values()):
        break
print(json.dumps(result))
`;

/**
 * Reads a log directory as TensorBoard does.
 *
 * @returns undefined if the data server is not available for this platform
 */
export const readWithTensorBoard = (
  python: string,
  logDir: string,
  reader: Reader,
): ShownRuns | undefined =>
  runPython<ShownRuns | null>(python, source, [logDir, reader]) ?? undefined;
