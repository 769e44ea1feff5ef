# Prints as JSON how many scalars, and how many megabytes of histograms and images, Python's writers write per second.
# Each contender starts with a warm-up run that is not counted; closing the file is part of the measured time.
import json, os, sys, time
import numpy as np
import tensorflow as tf
logdir, values, histograms, side, images = sys.argv[1], *map(int, sys.argv[2:])
kernel = np.random.default_rng(1).normal(size=values).astype(np.float32)
x, y = np.meshgrid(np.arange(side), np.arange(side))
waves = [128 + 80 * np.sin(x / 37 + channel) * np.cos(y / 23) for channel in range(3)]
noise = 8 * np.random.default_rng(2).random((side, side, 3))
picture = (np.stack(waves, -1) + noise).astype(np.uint8)[None]
runs = iter(range(10**6))
new = lambda: os.path.join(logdir, str(next(runs)))
v1 = tf.compat.v1

def rate(units, write):
    write(max(1, units // 10))
    start = time.perf_counter()
    write(units)
    return units / (time.perf_counter() - start)

def tf2(record):
    def write(count):
        writer = tf.summary.create_file_writer(new())
        with writer.as_default():
            for step in range(count):
                record(step)
        writer.close()
    return write

@tf.function(autograph=False)
def graph_loop(writer, count):
    def body(step):
        with writer.as_default():
            tf.summary.scalar('loss', 0.5, step=step)
        return step + 1
    tf.while_loop(lambda step: step < count, body, [tf.constant(0, tf.int64)])

def tf_function(count):
    writer = tf.summary.create_file_writer(new())
    graph_loop(writer, tf.constant(count, tf.int64))
    writer.close()

def tf1(make):
    def write(count):
        with tf.Graph().as_default():
            writer = v1.summary.FileWriter(new())
            for step in range(count):
                writer.add_summary(make(step), step)
            writer.close()
    return write

def tf1_op(op, dtype, value):
    def write(count):
        with tf.Graph().as_default(), v1.Session() as session:
            fed = v1.placeholder(dtype, value.shape)
            summary = op('tag', fed)
            writer = v1.summary.FileWriter(new())
            for step in range(count):
                writer.add_summary(session.run(summary, {fed: value}), step)
            writer.close()
    return write

scalar = lambda step: v1.Summary(value=[v1.Summary.Value(tag='loss', simple_value=0.5)])
mb_histogram, mb_image = kernel.nbytes / 1e6, picture.nbytes / 1e6
rates = {
    'tf.summary': {
        'scalars': rate(1500, tf2(lambda step: tf.summary.scalar('loss', 0.5, step=step))),
        'histograms': mb_histogram * rate(histograms, tf2(lambda step: tf.summary.histogram('tag', kernel, step=step))),
        'images': mb_image * rate(images, tf2(lambda step: tf.summary.image('tag', picture, step=step)))},
    'tf.summary in tf.function': {'scalars': rate(20000, tf_function)},
    'TF1 FileWriter': {
        'scalars': rate(20000, tf1(scalar)),
        'histograms': mb_histogram * rate(histograms, tf1_op(v1.summary.histogram, tf.float32, kernel)),
        'images': mb_image * rate(images, tf1_op(v1.summary.image, tf.uint8, picture))}}
try:
    import tensorboardX
except ImportError:
    pass
else:
    def tbx(record):
        def write(count):
            writer = tensorboardX.SummaryWriter(new())
            for step in range(count):
                record(writer, step)
            writer.close()
        return write
    rates['tensorboardX'] = {
        'scalars': rate(5000, tbx(lambda w, step: w.add_scalar('loss', 0.5, step))),
        'histograms': mb_histogram * rate(histograms, tbx(lambda w, step: w.add_histogram('tag', kernel, step))),
        'images': mb_image * rate(images, tbx(lambda w, step: w.add_images('tag', picture, step, dataformats='NHWC')))}
print(json.dumps(rates))
